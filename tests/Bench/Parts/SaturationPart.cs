using Stevedore.Bench.Measure;
using Stevedore.Bench.Report;
using Stevedore.Programs;

namespace Stevedore.Bench.Parts;

/// <summary>As many reviews as the webhook takes over TLS, and whether its memory stays where it is.</summary>
internal sealed class SaturationPart(BenchRun run) : IPart
{
    private const string Name = "saturation";
    private const int Connections = 16;
    private const int Seconds = 6;
    private const int Rounds = 5;
    private const double Mebi = 1 << 20;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var folder = run.Scratch.Sub("saturation");
        var certificate = ServingCertificate.Issue(folder);
        await using var webhook = await WebhookProgram.StartAsync(run.Checkout, certificate, cancellationToken);
        var reviews = ReviewLoad.InjectedReviews(run.Checkout);
        BenchRun.Say($"{Rounds} times {Seconds} s of as many reviews as it takes, {reviews.Count} recorded ones in turn");
        var (rates, resident, total, errors, p99) = (new List<double>(), new List<double>(), 0.0, 0.0, 0.0);
        for (var round = 0; round < Rounds; round++)
        {
            var report = await Wrk.RunAsync(new Uri(webhook.Address, "/mutate/explicit"), Connections, Seconds, reviews, folder, cancellationToken);
            var count = report["reviews"]!.GetValue<double>();
            rates.Add(count / report["seconds"]!.GetValue<double>());
            resident.Add(ProcessUse.ResidentOf(webhook.Id) / Mebi);
            (total, errors, p99) = (total + count, errors + report["errors"]!.GetValue<double>(), Math.Max(p99, report["p99"]!.GetValue<double>()));
        }

        var use = ProcessUse.Of(webhook.Id);
        _ = (await webhook.StopAsync(cancellationToken)).OrThrow("The webhook, told to stop after the load,");
        rates.Sort();
        run.Add(
            new Figure(Name, "reviews in all", total, "", AtLeast: 200_000),
            new Figure(Name, "rate, median", rates[Rounds / 2], "/s", AtLeast: 18_000, Note: $"{rates[0]:0} to {rates[^1]:0}, {Connections} kept-alive connections, wrk on the same cores"),
            new Figure(Name, "errors", errors, "", AtMost: 0),
            new Figure(Name, "latency p99", p99, "ms", Note: "the worst round"),
            new Figure(Name, "peak memory", (use?.PeakBytes ?? 0) / Mebi, "MiB", AtMost: 150),
            new Figure(Name, "growth", resident[^1] - resident[0], "MiB", AtMost: 10, Note: $"from the first round's end, {resident[0]:0} MiB, to the last one's"));
    }
}
