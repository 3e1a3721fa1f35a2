using Stevedore.Bench.Measure;
using Stevedore.Bench.Report;
using Stevedore.Programs;

namespace Stevedore.Bench.Parts;

/// <summary>One fetch that is killed twenty times: what the kills cost, and whether what comes out is right.</summary>
internal sealed class KillPart(BenchRun run) : IPart
{
    private const string Name = "kill";
    private const int Kills = 20;
    private const double Mebi = 1 << 20;
    private const double MostWasteOfAConnection = 8;

    // A moment so late that the fetch may be over before it was noticed would be no kill.
    private const double LatestMoment = 0.9;
    private static readonly TimeSpan LongestStart = TimeSpan.FromMilliseconds(80);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(2);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var hub = await run.HubAsync(cancellationToken);
        using var pod = run.Scratch.Inner("kill");
        var fetcher = new FetchCommandLine(run.Checkout, hub, pod.Path);
        await hub.ForgetAsync(cancellationToken);

        BenchRun.Say($"killing one fetch at {Kills} random moments, seed {run.Settings.Seed}");
        var landed = 0;
        foreach (var moment in Moments())
        {
            if (await KillAsync(fetcher, hub, moment, cancellationToken))
                landed++;
        }

        await using (var last = fetcher.Fetch())
            _ = (await last.EndAsync(cancellationToken)).OrThrow($"The start after {landed} kills");
        var waste = (await hub.BytesServedAsync(cancellationToken) - run.ModelSize) / Mebi;
        await using var verify = fetcher.Verify();
        var verified = await verify.EndAsync(cancellationToken);

        var each = landed == 0 ? double.NaN : waste / landed;
        run.Add(
            new Figure(Name, "kills that struck a running fetch", landed, "", AtMost: Kills, AtLeast: Kills, Note: $"SIGKILL, seed {run.Settings.Seed}"),
            new Figure(Name, "served beyond the model, in all", waste, "MiB", AtLeast: 0, Note: $"model: {run.ModelSize / Mebi:0} MiB"),
            new Figure(Name, "of it a kill", each, "MiB", AtMost: MostWasteOfAConnection * FetchCommandLine.Connections, Note: $"{FetchCommandLine.Connections} connections"),
            new Figure(Name, "of it a kill and connection", each / FetchCommandLine.Connections, "MiB", AtMost: MostWasteOfAConnection),
            new Figure(Name, "exit code of verify", verified.Code, "", AtMost: 0, AtLeast: 0, Note: $"{verified.Output.Count(line => line.StartsWith("ok\t", StringComparison.Ordinal))} model whole"));
    }

    /// <summary>When to kill, in order: once so many bytes were served, but not before the process had so long to start.</summary>
    private IEnumerable<(long Bytes, TimeSpan Start)> Moments()
    {
        var random = new Random(run.Settings.Seed);
        return Enumerable.Range(0, Kills)
            .Select(_ => (Bytes: (long)(random.NextDouble() * LatestMoment * run.ModelSize), Start: random.NextDouble() * LongestStart))
            .OrderBy(moment => moment.Bytes)
            .ToList();
    }

    private static async Task<bool> KillAsync(FetchCommandLine fetcher, HubProgram hub, (long Bytes, TimeSpan Start) moment, CancellationToken cancellationToken)
    {
        await using var program = fetcher.Fetch();
        await Task.Delay(moment.Start, cancellationToken);
        while (!program.HasEnded && await hub.BytesServedAsync(cancellationToken) < moment.Bytes)
            await Task.Delay(Look, cancellationToken);
        if (!program.HasEnded)
            program.Kill();
        var end = await program.EndAsync(cancellationToken);
        if (end.Code == EndedProgram.KilledCode)
            return true;
        _ = end.OrThrow("A fetch between two kills");
        return false;
    }
}
