using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Stevedore.Bench.Measure;
using Stevedore.Bench.Report;
using Stevedore.Programs;

namespace Stevedore.Bench.Parts;

/// <summary>How long the first review takes after a replica called itself ready, its handshake included.</summary>
internal sealed class FirstReviewPart(BenchRun run) : IPart
{
    private const string Name = "first";
    private const int Starts = 7;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var certificate = ServingCertificate.Issue(run.Scratch.Sub("first"));
        var review = await File.ReadAllBytesAsync(ReviewLoad.InjectedReviews(run.Checkout)[0], cancellationToken);
        var took = new List<double>();

        // The first one is the client's own: what its runtime has to load and compile is not the webhook's to answer for.
        for (var start = 0; start <= Starts; start++)
        {
            await using var webhook = await WebhookProgram.StartAsync(run.Checkout, certificate, cancellationToken);
            var milliseconds = await AskAsync(new Uri(webhook.Address, "/mutate/explicit"), certificate.Authority, review, cancellationToken);
            if (start > 0)
                took.Add(milliseconds);
            _ = (await webhook.StopAsync(cancellationToken)).OrThrow("The webhook, told to stop after its first review,");
        }

        took.Sort();
        run.Add(new Figure(Name, "review, median", took[Starts / 2], "ms", AtMost: 20, Note: $"{Starts} starts, {took[0]:0.0} to {took[^1]:0.0} ms, TLS handshake included"));
    }

    private static async Task<double> AskAsync(Uri url, X509Certificate2 authority, byte[] review, CancellationToken cancellationToken)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(authority);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = trust } });
        using var content = new ByteArrayContent(review) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        var started = Stopwatch.GetTimestamp();
        using var answer = await client.PostAsync(url, content, cancellationToken);
        var body = await answer.Content.ReadAsStringAsync(cancellationToken);
        var took = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        return body.Contains("\"patch\":", StringComparison.Ordinal) ? took : throw new ProgramException($"The first review got {(int)answer.StatusCode} and no patch.");
    }
}
