namespace Stevedore.Chaos.Parts;

/// <summary>Prune against fetchers and readers.</summary>
/// <param name="run">The run.</param>
internal sealed class PrunePart(ChaosRun run) : IPart
{
    private const int MostShown = 10;
    private static readonly TimeSpan Full = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(6);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var duration = run.Settings.IsShort ? Short : Full;
        ChaosRun.Say($"prunes that would leave nothing, against 4 fetchers and 4 readers, for {duration.TotalSeconds:0} s, seed {run.Settings.Seed}");
        var outcome = await new PruneRace(run, duration).RunAsync(cancellationToken);
        foreach (var wrong in outcome.Wrong.Concat(outcome.Left.Select(path => $"{path} was left behind")).Take(MostShown))
            ChaosRun.Say(wrong);
        run.Add(
            new Figure("prune", "files lost or changed under readers, runs that failed", outcome.Wrong.Count, "", 0, Note: $"{outcome.Reads} files hashed by readers"),
            new Figure("prune", "versions removed", outcome.Removed, "", AtLeast: 1, Note: $"by {outcome.Prunes} prunes, beside {outcome.Fetches} fetches, {outcome.Kills} of them killed"),
            new Figure("prune", "files left after a last prune of everything", outcome.Left.Count, "", 0));
    }
}
