using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Stevedore.Webhook.Tests.Admission;
using Stevedore.Webhook.Tests.Serving;

namespace Stevedore.Webhook.Tests.Certificates;

/// <summary>The program as the manifests start it, against an API server that knows certificates.</summary>
public sealed partial class SelfManagedProcessTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stevedore-managed-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_serves_what_API_servers_are_told_to_trust()
    {
        await using var cluster = await CertificateCluster.StartAsync();
        using var webhook = Serve(cluster.WriteKubeconfig(_folder.FullName));
        var ready = await webhook.UntilAsync("Ready at", Cancellation);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(cluster.Bundles()[0]);
        using var client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy, TargetHost = "stevedore-webhook.stevedore-system.svc" },
        });
        client.BaseAddress = new Uri(TlsUrl().Match(ready).Value);

        (await client.AnswerAsync(Reviews.Recorded))["allowed"]!.GetValue<bool>().Should().BeTrue();

        webhook.Terminate();
        (await webhook.ExitAsync(Cancellation)).Should().Be(0);
    }

    [Fact]
    public async Task Told_to_stop_while_the_API_server_is_away_it_ends_in_good_order()
    {
        await using var cluster = await CertificateCluster.StartAsync();
        cluster.Refusal = HttpStatusCode.ServiceUnavailable;
        using var webhook = Serve(cluster.WriteKubeconfig(_folder.FullName));
        await webhook.UntilAsync("answered 503; there is no certificate to serve yet", Cancellation);

        webhook.Terminate();

        (await webhook.ExitAsync(Cancellation)).Should().Be(0);
        webhook.Error.Trim().Should().BeEmpty();
    }

    [Fact]
    public async Task Without_a_way_to_the_API_server_it_says_so_and_exits_with_64()
    {
        using var webhook = Serve(Path.Combine(_folder.FullName, "missing"));

        (await webhook.ExitAsync(Cancellation)).Should().Be(64);

        webhook.Error.Should().Match("stevedore-webhook: How to reach the API server can't be told (*); *--kubeconfig.*").And.NotContain(" at k8s");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static WebhookProcess Serve(string kubeconfig) => WebhookProcess.Start(
        "serve", "--listen", "https://127.0.0.1:0", "--metrics", "http://127.0.0.1:0", "--pause", "100ms", "--self-managed-certificates", "--kubeconfig", kubeconfig);

    [GeneratedRegex("https://127.0.0.1:[0-9]+")]
    private static partial Regex TlsUrl();
}
