using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Stevedore.Webhook.Tests.Admission;
using Stevedore.Webhook.Tests.Serving;

namespace Stevedore.Webhook.Tests.Cluster;

/// <summary>The program as the manifests start it, with policies and namespaces from an API server.</summary>
public sealed class ClusterProcessTests : IDisposable
{
    private readonly CertificateFolder _certificates = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stevedore-cluster-");
    private readonly Uri _address = new($"https://localhost:{FreePort()}");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _certificates.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task It_is_alive_and_not_ready_until_it_knows_policies_and_namespaces()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.Refuse = request => request.Path == FakeApiServer.Namespaces ? HttpStatusCode.ServiceUnavailable : null;
        using var webhook = Serve(server);
        using var client = Client();
        await webhook.UntilAsync("the API server answers 503", Cancellation);

        (await SayAsync(client, "/readyz")).Should().Be((HttpStatusCode.ServiceUnavailable, "the namespaces of the cluster are not known yet\n"));
        (await SayAsync(client, "/healthz")).Should().Be((HttpStatusCode.OK, "ok\n"));
        var early = await client.AnswerAsync(Reviews.Recorded);
        early["allowed"]!.GetValue<bool>().Should().BeFalse("without its policies it can't tell what a pod may have");

        server.Refuse = _ => null;
        await webhook.UntilAsync("Ready at", Cancellation);
        (await SayAsync(client, "/readyz")).Should().Be((HttpStatusCode.OK, "ok\n"));

        webhook.Terminate();
        (await webhook.ExitAsync(Cancellation)).Should().Be(0);
    }

    [Fact]
    public async Task Told_to_stop_while_it_waits_it_ends_in_good_order()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.Refuse = _ => HttpStatusCode.Forbidden;
        using var webhook = Serve(server);
        await webhook.UntilAsync("forbids to list or watch", Cancellation);

        webhook.Terminate();

        (await webhook.ExitAsync(Cancellation)).Should().Be(0);
        webhook.Error.Trim().Should().BeEmpty();
    }

    [Fact]
    public async Task Decisions_follow_policies_and_labels_within_two_seconds_and_outlive_the_api_server()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.SetNamespace("inference");
        server.SetPolicy("gold", "{ mountPath: /gold, namespaceSelector: { matchLabels: { tier: gold } } }");
        using var webhook = Serve(server);
        await webhook.UntilAsync("Ready at", Cancellation);
        using var client = Client();
        (await PatchAsync(client)).Should().Contain("/var/cache/stevedore").And.NotContain("/gold");

        server.SetNamespace("inference", ("tier", "gold"));
        await WithinTwoSecondsAsync(client, patch => patch.Contains("/gold", StringComparison.Ordinal));
        server.SetPolicy("gold", "{ mountPath: /silver, namespaceSelector: { matchLabels: { tier: gold } } }");
        await WithinTwoSecondsAsync(client, patch => patch.Contains("/silver", StringComparison.Ordinal));
        server.SetPolicy("gold", "{ injection: Disabled, namespaceSelector: { matchLabels: { tier: gold } } }");
        await WithinTwoSecondsAsync(client, patch => patch.Length == 0);
        server.SetPolicy("gold", "{ mountPath: /gold, namespaceSelector: { matchLabels: { tier: gold } } }");
        await WithinTwoSecondsAsync(client, patch => patch.Contains("/gold", StringComparison.Ordinal));

        await server.StopAsync();
        (await PatchAsync(client)).Should().Contain("/gold");
        (await SayAsync(client, "/readyz")).Should().Be((HttpStatusCode.OK, "ok\n"));
        await server.ResumeAsync();
    }

    [Fact]
    public async Task A_pod_that_comes_right_after_its_namespace_gets_the_namespaces_policy()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.SetPolicy("gold", "{ mountPath: /gold, namespaceSelector: { matchLabels: { tier: gold } } }");
        server.OnWatch = (_, _) => new WatchFate { IsSilent = true, Bookmarks = false };
        using var webhook = Serve(server);
        await webhook.UntilAsync("Ready at", Cancellation);
        using var client = Client();

        server.SetNamespace("inference", ("tier", "gold"));

        (await PatchAsync(client)).Should().Contain("/gold");
    }

    private static async Task WithinTwoSecondsAsync(HttpClient client, Func<string, bool> isSo)
    {
        var since = System.Diagnostics.Stopwatch.StartNew();
        while (!isSo(await PatchAsync(client)))
        {
            since.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(2));
            await Task.Delay(10, Cancellation);
        }
    }

    private static async Task<string> PatchAsync(HttpClient client)
    {
        var review = Reviews.Recorded;
        review["request"]!["namespace"] = "inference";
        var answer = await client.AnswerAsync(review);
        answer["allowed"]!.GetValue<bool>().Should().BeTrue(answer.ToJsonString());
        return answer["patch"] is JsonNode patch ? Encoding.UTF8.GetString(Convert.FromBase64String(patch.ToString())) : "";
    }

    private static async Task<(HttpStatusCode, string)> SayAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
    }

    private WebhookProcess Serve(FakeApiServer server)
    {
        var kubeconfig = Path.Combine(_folder.FullName, "kubeconfig");
        File.WriteAllText(kubeconfig, server.Kubeconfig());
        return WebhookProcess.Start(
            "serve", "--listen", _address.OriginalString, "--metrics", "http://127.0.0.1:0", "--pause", "0s", "--policy", "cluster", "--kubeconfig", kubeconfig,
            "--tls-cert", _certificates.Files.Certificate, "--tls-key", _certificates.Files.Key);
    }

    private HttpClient Client() => new(new SocketsHttpHandler { UseProxy = false, SslOptions = _certificates.Trusting() }) { BaseAddress = _address, Timeout = TimeSpan.FromSeconds(60) };

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
