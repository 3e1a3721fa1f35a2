using Stevedore.Contract;
using Stevedore.Contract.CommandLine;
using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Publishing;
using Stevedore.Fetcher.Reporting;

namespace Stevedore.Fetcher.Fetching;

/// <summary>What <c>--verification full</c> does with a version before it is given to anybody.</summary>
/// <param name="command">What was asked for.</param>
/// <param name="cache">The cache.</param>
/// <param name="filter">Which files are wanted.</param>
/// <param name="log">Where the run speaks to a person.</param>
/// <param name="meter">Counts.</param>
/// <param name="time">The clock.</param>
internal sealed class PublishedCheck(FetchCommand command, CacheLayout cache, FileFilter filter, IRunLog log, FetchMeter meter, TimeProvider time)
{
    /// <summary>Hashes what is published again; what is wrong is withdrawn, so that this run repairs just that.</summary>
    /// <returns>The same version where all is well, else one that is not complete.</returns>
    public ChosenVersion HashAgain(ChosenVersion chosen, CancellationToken cancellationToken)
    {
        var snapshot = new Snapshot(cache, chosen.Folder, chosen.Version);
        var published = chosen.Complete?.Files ?? [.. filter.Select(chosen.Manifest!.Files).Where(snapshot.HoldsContent)];
        var wrong = new ContentCheck(meter).FindWrong(snapshot, published, cancellationToken);
        if (wrong.Count == 0)
            return chosen;
        if (command.RequirePresent)
        {
            throw new FetchException(
                ExitCode.WrongContent,
                $"{wrong[0].File.Path} of {chosen.Source.Reference} has rotted in the cache ({wrong[0].Problem}), and --require-present forbids to fetch it again; run fetch without it.");
        }

        using var withdrawal = new Withdrawal(cache, time);
        var (still, isDone) = withdrawal.Withdraw(chosen.Folder, chosen.Version, chosen.Complete, wrong);
        foreach (var entry in still)
        {
            if (!isDone)
                throw new FetchException(ExitCode.CannotWrite, $"{entry.File.Path} of {chosen.Source.Reference} has rotted in the cache ({entry.Problem}), and the volume refuses to withdraw it; mount it writable.");
            log.Warn($"{entry.File.Path} of {chosen.Source.Reference} has rotted in the cache ({entry.Problem}); it is withdrawn and fetched again.");
        }

        return chosen with
        {
            Complete = null,
            Manifest = new VersionRecords(cache).Manifest(chosen.Folder, chosen.Version, filter.Key) ?? chosen.Manifest ?? new ModelManifest(chosen.Version, published),
        };
    }
}
