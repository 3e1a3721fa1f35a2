using System.Diagnostics;
using System.Security.Cryptography;
using Stevedore.Bench.Measure;
using Stevedore.Bench.Report;

namespace Stevedore.Bench.Parts;

/// <summary>2 GiB into an empty cache: time, processor, memory.</summary>
internal sealed class FetchPart(BenchRun run) : IPart
{
    private const string Name = "fetch";
    private const double Mebi = 1 << 20;
    private const double MostMemory = 128;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var hub = await run.HubAsync(cancellationToken);
        var rounds = new List<Round>();
        for (var round = 1; round <= run.Settings.Rounds; round++)
        {
            rounds.Add(await FetchAsync(hub, cancellationToken));
            BenchRun.Say($"fetch {round} of {run.Settings.Rounds}: {rounds[^1].Seconds:0.00} s, {rounds[^1].PeakMebibytes:0.0} MiB at its peak");
        }

        var wall = new Spread(rounds.Select(round => round.Seconds));
        var processor = new Spread(rounds.Select(round => round.ProcessorSeconds));
        var peak = new Spread(rounds.Select(round => round.PeakMebibytes));
        var size = run.ModelSize / Mebi;
        var hashing = HashingSeconds();
        run.Add(
            new Figure(Name, "wall", wall.Median, "s", Note: wall.Range("0.00")),
            new Figure(Name, "speed", size / wall.Median, "MiB/s", Note: $"{size:0} MiB in 4 shards, verified"),
            new Figure(Name, "SHA-256 alone", hashing, "s", Note: $"the same bytes, one core, no disk written: the fetch took {wall.Median / hashing:0.0} times as long"),
            new Figure(Name, "processor", processor.Median, "s", Note: processor.Range("0.00")),
            new Figure(Name, "peak memory", peak.Most, "MiB", AtMost: MostMemory, Note: $"the worst round; {peak.Range("0.0")}"),
            new Figure(Name, "served beyond the model", rounds.Max(round => round.Excess) / Mebi, "MiB", Note: "the worst round"));
    }

    private async Task<Round> FetchAsync(HubProgram hub, CancellationToken cancellationToken)
    {
        using var pod = run.Scratch.Inner("fetch");
        await hub.ForgetAsync(cancellationToken);
        await using var program = new FetchCommandLine(run.Checkout, hub, pod.Path).Fetch();
        var (end, use) = await ProcessWatch.RunAsync(program, cancellationToken);
        _ = end.OrThrow("A fetch of 2 GiB");
        return new Round(
            end.Took.TotalSeconds, use.Processor.TotalSeconds, use.PeakBytes / Mebi, await hub.BytesServedAsync(cancellationToken) - run.ModelSize);
    }

    private double HashingSeconds()
    {
        var clock = Stopwatch.StartNew();
        foreach (var path in Directory.EnumerateFiles(run.ModelFolder))
        {
            using var file = File.OpenRead(path);
            _ = SHA256.HashData(file);
        }

        return clock.Elapsed.TotalSeconds;
    }

    private sealed record Round(double Seconds, double ProcessorSeconds, double PeakMebibytes, long Excess);
}
