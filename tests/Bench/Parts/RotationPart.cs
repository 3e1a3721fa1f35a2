using Stevedore.Bench.Measure;
using Stevedore.Bench.Report;
using Stevedore.Programs;

namespace Stevedore.Bench.Parts;

/// <summary>The serving certificate and its authority are replaced again and again under load, while connections are made anew all the time.</summary>
internal sealed class RotationPart(BenchRun run) : IPart
{
    private const string Name = "rotation";
    private const int Rate = 1000;
    private const int Seconds = 60;
    private const int Rotations = 10;
    private const int ReviewsAConnection = 50;

    // webhook/Certificates/CertificateReload.cs looks every 5 s: each pair is in use before the next one comes.
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(5.6);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var certificate = ServingCertificate.Issue(run.Scratch.Sub("rotation"));
        await using var webhook = await WebhookProgram.StartAsync(run.Checkout, certificate, cancellationToken);
        BenchRun.Say($"{Rate} reviews/s for {Seconds} s while the certificate is replaced {Rotations} times");
        var load = ReviewLoad.RunAsync(
            new Uri(webhook.Address, "/mutate/explicit"), certificate.AuthorityFile, Rate, Seconds, ReviewLoad.InjectedReviews(run.Checkout), cancellationToken,
            "--reviews-a-connection", $"{ReviewsAConnection}");
        for (var rotation = 0; rotation < Rotations; rotation++)
        {
            await Task.Delay(Between, cancellationToken);
            certificate.Renew();
        }

        var report = await load;
        _ = (await webhook.StopAsync(cancellationToken)).OrThrow("The webhook, told to stop after the rotations,");
        run.Add(
            new Figure(Name, "reviews", report.Number("reviews"), "", AtLeast: Rate * Seconds, Note: $"a connection is made anew after {ReviewsAConnection} reviews: {Rate * Seconds / ReviewsAConnection} handshakes"),
            new Figure(Name, "certificates seen", report.Number("certificates"), "", AtLeast: Rotations + 1, Note: $"the first and {Rotations} more, each of an authority of its own"),
            new Figure(Name, "failures", report.Number("failures"), "", AtMost: 0, Note: "handshakes among them"),
            new Figure(Name, "latency p99", report.Latency("p99"), "ms", Note: $"max {report.Latency("max"):0.0} ms"));
    }
}
