using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Stevedore.Webhook.Admission;
using Stevedore.Webhook.Certificates;
using Stevedore.Webhook.Injection;
using Stevedore.Webhook.Policies;
using Stevedore.Webhook.Serving;

namespace Stevedore.Webhook.Tests.Serving;

/// <summary>The real server on loopback, ports of the system's choice, over TLS with a pair of its own.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningServer(WebApplication app, CertificateFolder certificates, LogLines logs)
    {
        _app = app;
        Certificates = certificates;
        Logs = logs;
        Address = Url("https:");
        Metrics = Url("http:");
    }

    public CertificateFolder Certificates { get; }

    public LogLines Logs { get; }

    public Uri Address { get; }

    public Uri Metrics { get; }

    /// <summary>Starts it with a decision of the test's own, which does not see the server's own reviews unless it wants to.</summary>
    public static async Task<RunningServer> StartAsync(
        PodDecision? decide = null,
        TimeProvider? clock = null,
        TimeSpan pause = default,
        bool selfReviewsToo = false,
        PolicyFile? policies = null,
        ClientAuthority? clients = null,
        CertificateFolder? certificates = null)
    {
        certificates ??= new CertificateFolder(clock);
        var logs = new LogLines();
        var settings = new ServeSettings(
            ListenUrl.Parse("https://127.0.0.1:0", "https").OrThrow(),
            ListenUrl.Parse("http://127.0.0.1:0", "http").OrThrow(),
            pause,
            new CertificateSource.FromFiles(certificates.Files),
            new InjectionSettings("stevedore/fetcher:0.1.0"));
        var app = Server.Build(settings, certificates.Load(clients), policies, services =>
        {
            services.RemoveAll<ILoggerProvider>().AddSingleton<ILoggerProvider>(logs);
            services.Configure<LoggerFilterOptions>(options => options.MinLevel = LogLevel.Debug);
            if (decide is not null)
                services.AddSingleton<PodDecision>(request => !selfReviewsToo && IsOwn(request) ? Skip : decide(request));
            if (clock is not null)
                services.AddSingleton(clock);
        });
        try
        {
            await app.StartAsync(TestContext.Current.CancellationToken);
            return new RunningServer(app, certificates, logs);
        }
        catch
        {
            await app.DisposeAsync();
            certificates.Dispose();
            throw;
        }
    }

    /// <summary>What a decision says that leaves the pod alone.</summary>
    public static PodAnswer Skip { get; } = new(PodOutcome.Skipped, "NotRequested", "Nothing asks.", [], default);

    /// <summary>Whether the server asks itself.</summary>
    public static bool IsOwn(PodRequest request) =>
        Webhook.Pods.JsonShape.Text(Webhook.Pods.JsonShape.Object(request.Pod, "metadata"), "name") == "self-review";

    public HttpClient Client(Version? version = null, Action? connected = null, X509Certificate2? presenting = null) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        SslOptions = Certificates.Trusting(presenting),
        ConnectCallback = async (context, cancellation) =>
        {
            connected?.Invoke();
            var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
            return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = Address,
        Timeout = TimeSpan.FromSeconds(60),
        DefaultRequestVersion = version ?? HttpVersion.Version11,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Certificates.Dispose();
        Logs.Dispose();
    }

    private Uri Url(string scheme) => new(_app.Urls.Single(url => url.StartsWith(scheme, StringComparison.Ordinal)));
}
