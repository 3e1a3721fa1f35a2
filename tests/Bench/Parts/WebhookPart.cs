using Stevedore.Bench.Measure;
using Stevedore.Bench.Report;
using Stevedore.Programs;

namespace Stevedore.Bench.Parts;

/// <summary>Recorded reviews at a constant rate over TLS: failures, and how long an API server would wait.</summary>
internal sealed class WebhookPart(BenchRun run) : IPart
{
    private const string Name = "webhook";
    private const int Rate = 1000;
    private const int Seconds = 20;
    private const double LongestP99 = 5;
    private const double Mebi = 1 << 20;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var certificate = ServingCertificate.Issue(run.Scratch.Sub("certs"));
        await using var webhook = await WebhookProgram.StartAsync(run.Checkout, certificate, cancellationToken);
        var reviews = ReviewLoad.InjectedReviews(run.Checkout);
        BenchRun.Say($"{Rate} reviews/s for {Seconds} s, {reviews.Count} recorded ones in turn");
        var load = await ReviewLoad.RunAsync(
            new Uri(webhook.Address, "/mutate/explicit"), certificate.AuthorityFile, Rate, Seconds, reviews, cancellationToken);
        var use = ProcessUse.Of(webhook.Id);
        _ = (await webhook.StopAsync(cancellationToken)).OrThrow("The webhook, told to stop after the load,");

        run.Add(
            new Figure(Name, "reviews", load.Number("reviews"), "", AtLeast: Rate * Seconds, Note: $"{reviews.Count} recorded reviews over {load.Number("connections"):0} TLS connections"),
            new Figure(Name, "rate", load.Number("done"), "/s", AtLeast: Rate * 0.99, Note: $"{Rate}/s asked for {Seconds} s"),
            new Figure(Name, "failures", load.Number("failures"), "", AtMost: 0),
            new Figure(Name, "latency p50", load.Latency("p50"), "ms", Note: "from when each was due"),
            new Figure(Name, "latency p99", load.Latency("p99"), "ms", AtMost: LongestP99, Note: $"max {load.Latency("max"):0.0} ms"),
            new Figure(Name, "peak memory", (use?.PeakBytes ?? 0) / Mebi, "MiB", Note: $"{use?.Processor.TotalSeconds:0.0} s of processor time"));
    }
}
