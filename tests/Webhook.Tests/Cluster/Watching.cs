using System.Text.Json;
using k8s;
using Microsoft.Extensions.Logging;
using Stevedore.Webhook.Cluster;
using Stevedore.Webhook.Tests.Serving;

namespace Stevedore.Webhook.Tests.Cluster;

/// <summary>One replica's watches of an API server, without the server that reviews.</summary>
internal sealed class Watching : IAsyncDisposable
{
    private readonly Kubernetes _client;
    private readonly ILoggerFactory _logging;
    private readonly ObjectWatch<JsonElement> _policyWatch;
    private readonly ObjectWatch<IReadOnlyDictionary<string, string>> _namespaceWatch;
    private readonly PolicyStatusWriter _status;

    private Watching(FakeApiServer server, TimeProvider clock)
    {
        _client = server.Client();
        _logging = LoggerFactory.Create(logging => logging.AddProvider(Logs).SetMinimumLevel(LogLevel.Debug));
        var (policies, namespaces) = (new PolicyObjects(_client), new NamespaceObjects(_client));
        Policies = new ClusterPolicies(_logging.CreateLogger<ClusterPolicies>());
        Namespaces = new ClusterNamespaces(namespaces, clock);
        _policyWatch = new ObjectWatch<JsonElement>(policies, Policies, clock, _logging.CreateLogger<ObjectWatch<JsonElement>>());
        _namespaceWatch = new ObjectWatch<IReadOnlyDictionary<string, string>>(namespaces, Namespaces, clock, _logging.CreateLogger<ObjectWatch<IReadOnlyDictionary<string, string>>>());
        _status = new PolicyStatusWriter(Policies, policies, TimeProvider.System, _logging.CreateLogger<PolicyStatusWriter>());
    }

    public LogLines Logs { get; } = new();

    public ClusterPolicies Policies { get; }

    public ClusterNamespaces Namespaces { get; }

    public string? Hindrance => _policyWatch.Hindrance ?? _namespaceWatch.Hindrance;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts, not yet synced.</summary>
    public static async Task<Watching> BeginAsync(FakeApiServer server, TimeProvider? clock = null, bool writesStatus = false)
    {
        var watching = new Watching(server, clock ?? TimeProvider.System);
        await watching._policyWatch.StartAsync(Cancellation);
        await watching._namespaceWatch.StartAsync(Cancellation);
        if (writesStatus)
            await watching._status.StartAsync(Cancellation);
        return watching;
    }

    /// <summary>Starts and waits until both have listed.</summary>
    public static async Task<Watching> StartAsync(FakeApiServer server, TimeProvider? clock = null, bool writesStatus = false)
    {
        var watching = await BeginAsync(server, clock, writesStatus);
        await Task.WhenAll(watching._policyWatch.Opened, watching._namespaceWatch.Opened).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        return watching;
    }

    /// <summary>Waits for something to become so, nudging in between.</summary>
    public static async Task UntilAsync(Func<bool> isSo, string what, Action? nudge = null)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        while (!isSo())
        {
            if (deadline.IsCancellationRequested)
                throw new TimeoutException($"It never came to this: {what}");
            nudge?.Invoke();
            await Task.Delay(5, CancellationToken.None);
        }
    }

    /// <summary>A label as the replica knows it; null for none.</summary>
    public string? Label(string place, string key)
    {
        var labels = Namespaces.OfAsync(place, Cancellation);
        return labels is { IsCompletedSuccessfully: true, Result: var known } ? known.GetValueOrDefault(key) : null;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in new Microsoft.Extensions.Hosting.BackgroundService[] { _policyWatch, _namespaceWatch, _status })
        {
            await service.StopAsync(CancellationToken.None);
            service.Dispose();
        }

        _client.Dispose();
        _logging.Dispose();
    }
}
