using System.Collections.Concurrent;

namespace Stevedore.Chaos.Parts;

/// <summary>Rounds of chaos, a few at a time since they mostly wait.</summary>
/// <param name="run">The run.</param>
/// <param name="name">The part's name.</param>
/// <param name="locksLie">Whether every file lock is granted to everybody.</param>
internal sealed class RoundsPart(ChaosRun run, string name, bool locksLie) : IPart
{
    private const int AtATime = 3;
    private const int MostShown = 10;
    private const double Mebi = 1 << 20;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (locksLie && !Shims.ArePossible)
        {
            ChaosRun.Say("locks that lie need a C compiler, and none is here; left out");
            return;
        }

        var rounds = run.Settings.Rounds;
        var preload = locksLie ? await run.Shims.BuildAsync("lying-locks", cancellationToken) : null;
        var isolated = await Pod.HasNamespacesAsync() ? "each in a PID namespace of its own" : "all in one PID namespace, since the machine allows no others";
        ChaosRun.Say($"{rounds} rounds of 4 fetchers, {isolated}{(locksLie ? ", every lock granted to everybody" : "")}, seed {run.Settings.Seed}");
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
            new Figure(name, "rounds beyond the model + 8 MiB a connection and trouble", honest.Count(outcome => outcome.Beyond > outcome.Allowance), "", 0,
                Note: $"worst: {honest.Select(outcome => (outcome.Beyond - outcome.Allowance) / Mebi).DefaultIfEmpty(0).Max():0.0} MiB beyond"),
            new Figure(name, "served beyond the model a connection and trouble", beyond / Math.Max(1, troubles * Round.Connections), "MiB", 8, Note: "rounds without a liar"),
            new Figure(name, "slowest round", outcomes.Max(outcome => outcome.Took.TotalSeconds), "s"));
    }
}
