using System.Collections.Concurrent;

namespace Stevedore.Chaos.Parts;

/// <summary>Rounds of chaos, a few at a time since they mostly wait.</summary>
/// <param name="run">The run.</param>
/// <param name="name">The part's name.</param>
/// <param name="shim">What the system answers otherwise than it should, a source in <c>Shims</c>; null for an honest one.</param>
/// <param name="share">One of how many rounds is played.</param>
internal sealed class RoundsPart(ChaosRun run, string name, string? shim = null, int share = 1) : IPart
{
    private const int AtATime = 4;
    private const int MostShown = 10;
    private const double Mebi = 1 << 20;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (shim is not null && !Shims.ArePossible)
        {
            run.LeaveOut($"{name} needs a C compiler, and none is here");
            return;
        }

        var rounds = Math.Max(4, run.Settings.Rounds / share);
        var preload = shim is null ? null : await run.Shims.BuildAsync(shim, cancellationToken);
        var isolated = await Pod.HasNamespacesAsync() ? "each in a PID namespace of its own" : "all in one PID namespace, since the machine allows no others";
        ChaosRun.Say($"{rounds} rounds of 4 fetchers, {isolated}{(shim is null ? "" : $", under {shim}")}, seed {run.Settings.Seed}");
        var outcomes = new ConcurrentBag<RoundOutcome>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, rounds), options, async (number, stop) =>
        {
            var outcome = await new Round(run, number, preload).RunAsync(stop);
            outcomes.Add(outcome);
            if (outcomes.Count % 20 == 0)
                ChaosRun.Say($"{outcomes.Count} of {rounds} rounds, {outcomes.Sum(one => one.Wrong.Count)} things wrong");
        });
        Enter([.. outcomes]);
    }

    private void Enter(IReadOnlyList<RoundOutcome> outcomes)
    {
        foreach (var wrong in outcomes.SelectMany(outcome => outcome.Wrong).Take(MostShown))
            ChaosRun.Say(wrong);
        var kills = outcomes.Sum(outcome => outcome.Kills);
        var stops = outcomes.Sum(outcome => outcome.Stops);
        var honest = outcomes.Where(outcome => !outcome.HadLiar).ToList();
        var troubles = honest.Sum(outcome => outcome.Kills + outcome.Stops);
        var beyond = honest.Sum(outcome => outcome.Beyond) / Mebi;
        run.Add(
            new Figure(name, "rounds that ended complete", outcomes.Count(outcome => outcome.IsComplete), "", outcomes.Count, outcomes.Count,
                $"{kills} kills, {stops} pauses beyond the time-to-live, {outcomes.Count(outcome => outcome.HadLiar)} with a liar's zombie"),
            new Figure(name, "bad bytes, dangling names, broken promises seen", outcomes.Sum(outcome => outcome.Wrong.Count), "", 0,
                Note: $"{outcomes.Sum(outcome => outcome.Looks)} blobs hashed meanwhile"),
            new Figure(name, "rounds beyond the model + 8 MiB a connection and trouble", honest.Count(outcome => outcome.Beyond > outcome.Allowance), "", run.Settings.IsShort ? null : 0,
                Note: $"at worst {honest.Select(outcome => (outcome.Beyond - outcome.Allowance) / Mebi).DefaultIfEmpty(0).Max():0.0} MiB beyond that"),
            new Figure(name, "served beyond the model a connection and trouble", beyond / Math.Max(1, troubles * ChaosModel.Connections), "MiB", run.Settings.IsShort ? null : 8, Note: "rounds without a liar"),
            new Figure(name, "slowest round", outcomes.Max(outcome => outcome.Took.TotalSeconds), "s"));
    }
}
