using k8s;
using Microsoft.Extensions.Logging;
using Stevedore.Webhook.Certificates;
using Stevedore.Webhook.Cluster;
using Stevedore.Webhook.Tests.Serving;

namespace Stevedore.Webhook.Tests.Certificates;

/// <summary>The part of a replica that manages its certificate.</summary>
internal sealed class Replica : IDisposable
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);

    private readonly IKubernetes _client;
    private readonly SelfManagedCertificates _certificates;
    private readonly ILoggerFactory _loggers;

    public Replica(CertificateCluster cluster, TimeProvider clock, string service = "stevedore-webhook")
    {
        _client = cluster.Client();
        Settings = new CertificateSource.SelfManaged("stevedore-system", service, "stevedore-webhook-tls", "stevedore-webhook", Lifetime);
        _loggers = LoggerFactory.Create(logging => logging.AddProvider(Logs));
        _certificates = new SelfManagedCertificates(
            Settings, new CertificateObjects(_client, Settings), Certificate, clock, _loggers.CreateLogger<SelfManagedCertificates>());
    }

    public CertificateSource.SelfManaged Settings { get; }

    public ServingCertificate Certificate { get; } = new();

    public LogLines Logs { get; } = new();

    public Task StartAsync() => _certificates.StartingAsync(TestContext.Current.CancellationToken);

    /// <summary>Looks until there is nothing more to do at once.</summary>
    public async Task LookAsync()
    {
        for (var i = 0; i < 10 && await _certificates.LookAsync(TestContext.Current.CancellationToken); i++)
        {
        }
    }

    public void Dispose()
    {
        _certificates.Dispose();
        _client.Dispose();
        _loggers.Dispose();
        Logs.Dispose();
    }
}
