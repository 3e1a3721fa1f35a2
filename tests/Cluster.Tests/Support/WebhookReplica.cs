using Stevedore.Programs;

namespace Stevedore.Cluster.Tests.Support;

/// <summary>One process of the webhook as it was built beside these tests.</summary>
internal sealed class WebhookReplica : IAsyncDisposable
{
    private readonly WebhookProgram _program;

    private WebhookReplica(WebhookProgram program, int port) => (_program, Port) = (program, port);

    public int Port { get; }

    public static async Task<WebhookReplica> StartAsync(TestCluster cluster, int port)
    {
        var certificate = ServingCertificate.Issue(cluster.Plane.Folder.Sub($"certificates-{Guid.NewGuid():N}"));
        var authority = Convert.ToBase64String(await File.ReadAllBytesAsync(certificate.AuthorityFile));
        await cluster.TrustAsync(authority);
        var program = await WebhookProgram.StartAsync(
            Path.Combine(AppContext.BaseDirectory, "stevedore-webhook"),
            ["serve", "--listen", $"https://127.0.0.1:{port}", "--metrics", "http://127.0.0.1:0", "--pause", "0s", "--tls-cert", certificate.CertificateFile, "--tls-key", certificate.KeyFile],
            TimeSpan.FromMinutes(2),
            CancellationToken.None);
        return new WebhookReplica(program, port);
    }

    public Task<EndedProgram> StopAsync() => _program.StopAsync(CancellationToken.None);

    public ValueTask DisposeAsync() => _program.DisposeAsync();
}
