using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Stevedore.Webhook.Tests.Admission;

namespace Stevedore.Webhook.Tests.Serving;

public sealed partial class ServeProcessTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_serves_until_SIGTERM_and_exits_with_0()
    {
        using var folder = new CertificateFolder();
        using var webhook = Serve(folder, "--pause", "200ms");
        var ready = await webhook.UntilAsync("Ready at", Cancellation);
        using (var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, SslOptions = folder.Trusting() }))
        {
            client.BaseAddress = new Uri(TlsUrl().Match(ready).Value);
            (await client.AnswerAsync(Reviews.Recorded))["allowed"]!.GetValue<bool>().Should().BeTrue();
        }

        webhook.Terminate();

        (await webhook.ExitAsync(Cancellation)).Should().Be(0);
        webhook.Error.Trim().Should().BeEmpty();
        var lines = webhook.Output.Trim().Split('\n');
        lines.Should().OnlyContain(line => JsonNode.Parse(line, null, default)!["Message"] != null, "each event is one line of JSON");
        lines[^1].Should().Contain("nothing is left in flight");
        webhook.Output.Should().NotContain("hf://", "logs hold no pods");
    }

    [Fact]
    public async Task Metrics_count_reviews_by_outcome_and_reason_and_tell_the_expiry()
    {
        // In a process of its own: OpenTelemetry listens to a meter's name, and so to every server in the process.
        using var folder = new CertificateFolder();
        using var webhook = Serve(folder);
        var ready = await webhook.UntilAsync("Ready at", Cancellation);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, SslOptions = folder.Trusting() });
        client.BaseAddress = new Uri(TlsUrl().Match(ready).Value);
        await client.AnswerAsync(Reviews.Recorded);
        await client.AnswerAsync(Reviews.Recorded);
        await client.AnswerAsync(Reviews.Recorded, "detected");
        using (await client.GetAsync(new Uri("/mutate/explicit", UriKind.Relative), Cancellation))
        using (var plain = new HttpClient { BaseAddress = new Uri(MetricsUrl().Match(ready).Value) })
        {
            var lines = (await plain.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancellation)).Split('\n');

            lines.Where(line => line.StartsWith("stevedore_admission_reviews_total", StringComparison.Ordinal)).Should().BeEquivalentTo(
                "stevedore_admission_reviews_total{outcome=\"Injected\",reason=\"None\"} 2",
                "stevedore_admission_reviews_total{outcome=\"Skipped\",reason=\"AsksItself\"} 1",
                "stevedore_admission_reviews_total{outcome=\"Refused\",reason=\"WrongMethod\"} 1");
            lines.Should().Contain("# TYPE stevedore_admission_duration_seconds histogram");
            lines.Should().Contain(line => line.StartsWith("stevedore_admission_duration_seconds_count", StringComparison.Ordinal)
                && line.EndsWith(" 4", StringComparison.Ordinal));
            var expires = new DateTimeOffset(folder.Load().Leaf.NotAfter).ToUnixTimeSeconds();
            lines.Should().Contain(line => line.StartsWith("stevedore_certificate_expiry_timestamp_seconds", StringComparison.Ordinal)
                && line.EndsWith($" {expires}", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("*--tls-cert and --tls-key*", "serve")]
    [InlineData("*--tls-cert and --tls-key*", "serve", "--tls-cert", "x")]
    [InlineData("*exclude each other*", "serve", "--self-managed-certificates", "--tls-cert", "x", "--tls-key", "y")]
    [InlineData("*name of a Kubernetes object*", "serve", "--self-managed-certificates", "--secret", "Not/Mine")]
    [InlineData("*between 1m and 87600h*", "serve", "--self-managed-certificates", "--certificate-lifetime", "1s")]
    [InlineData("*x-missing.crt can't be read*--client-ca*", "serve", "--tls-cert", "x", "--tls-key", "y", "--client-ca", "x-missing.crt")]
    [InlineData("*is not a place to listen at*", "serve", "--tls-cert", "x", "--tls-key", "y", "--listen", "http://0.0.0.0:8443")]
    [InlineData("*is not a place to listen at*", "serve", "--tls-cert", "x", "--tls-key", "y", "--metrics", "http://0.0.0.0:8080/metrics")]
    [InlineData("*not a duration*", "serve", "--tls-cert", "x", "--tls-key", "y", "--pause", "soon")]
    [InlineData("*at most 1m*", "serve", "--tls-cert", "x", "--tls-key", "y", "--pause", "1h")]
    [InlineData("*name of an image*", "serve", "--tls-cert", "x", "--tls-key", "y", "--fetcher-image", "")]
    [InlineData("*x-missing.crt does not exist*", "serve", "--tls-cert", "x-missing.crt", "--tls-key", "y")]
    [InlineData("*'--what'*", "serve", "--what")]
    public async Task What_it_cannot_do_it_says_in_a_sentence_and_exits_with_64(string sentence, params string[] arguments)
    {
        using var webhook = WebhookProcess.Start(arguments);

        (await webhook.ExitAsync(Cancellation)).Should().Be(64);

        webhook.Error.Should().Match(sentence).And.NotContain(" at Stevedore");
        webhook.Error.Trim().Split('\n').Should().OnlyContain(line => line.StartsWith("stevedore-webhook: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task With_a_pair_that_does_not_fit_it_does_not_start()
    {
        using var folder = new CertificateFolder();
        File.WriteAllText(folder.Files.Key, folder.Issue().KeyPem);
        using var webhook = Serve(folder);

        (await webhook.ExitAsync(Cancellation)).Should().Be(64);

        webhook.Error.Should().Match("stevedore-webhook: *tls.key is not the key of *tls.crt; *");
    }

    [Fact]
    public async Task Where_the_port_is_taken_it_says_so_and_exits_with_69()
    {
        using var folder = new CertificateFolder();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        using var webhook = Serve(folder, "--listen", $"https://127.0.0.1:{port}");

        (await webhook.ExitAsync(Cancellation)).Should().Be(69);

        webhook.Error.Should().Match($"stevedore-webhook: can't serve: *{port}*");
        webhook.Error.Should().NotContain(" at ");
    }

    private static WebhookProcess Serve(CertificateFolder folder, params string[] more)
    {
        string[] listen = more.Contains("--listen") ? [] : ["--listen", "https://127.0.0.1:0"];
        return WebhookProcess.Start(
            ["serve", .. listen, "--metrics", "http://127.0.0.1:0", "--tls-cert", folder.Files.Certificate, "--tls-key", folder.Files.Key, .. more]);
    }

    [GeneratedRegex("https://127.0.0.1:[0-9]+")]
    private static partial Regex TlsUrl();

    [GeneratedRegex("http://127.0.0.1:[0-9]+")]
    private static partial Regex MetricsUrl();
}
