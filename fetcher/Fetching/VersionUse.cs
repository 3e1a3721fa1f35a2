using System.Text;
using Stevedore.Contract.CommandLine;
using Stevedore.Contract.Layout;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Publishing;
using Stevedore.Fetcher.Reporting;

namespace Stevedore.Fetcher.Fetching;

/// <summary>What a run leaves in the cache about the versions that it gives out: that a pod uses them, when they were used last, and what revisions mean.</summary>
/// <param name="command">What was asked for.</param>
/// <param name="cache">The cache.</param>
/// <param name="records">Its records.</param>
/// <param name="filter">The key of the filter.</param>
/// <param name="log">Where the run speaks to a person.</param>
/// <param name="time">The clock.</param>
internal sealed class VersionUse(FetchCommand command, CacheLayout cache, VersionRecords records, string filter, IRunLog log, TimeProvider time)
{
    /// <summary>
    /// Lays claim to versions: first the pod's mark, then a touch of each record that says a version is complete. A prune moves that record away before it looks
    /// for marks and touches, so one of the two sees the other: this run by a record that is gone, or the prune, which spares the version.
    /// </summary>
    /// <returns>False where a version is being removed: choose again.</returns>
    public bool TryClaim(IReadOnlyCollection<ChosenVersion> versions)
    {
        Mark(versions);
        return versions.All(version => version.Complete is null || records.TryTouch(version.Folder, version.Complete));
    }

    /// <summary>
    /// Notes what revisions mean; last of all, and only where the source itself said so in this run. A cache that can't take the note is no reason to fail: the
    /// model is there.
    /// </summary>
    public void Remember(IEnumerable<ChosenVersion> versions)
    {
        foreach (var chosen in versions)
        {
            if (chosen.FreshAt is not { } freshAt)
                continue;
            var revision = VersionChooser.RevisionOf(chosen.Source.Reference);
            var noted = records.Resolution(chosen.Folder, revision, filter);
            // Another fetcher may have asked later and been faster.
            if (noted?.At > freshAt && noted.At <= time.GetUtcNow())
                continue;
            try
            {
                var reference = Path.Combine(cache.RefsOf(chosen.Folder), revision);
                OwnFolders.Check(cache, [Path.GetDirectoryName(reference)!, Path.Combine(cache.Records, chosen.Folder)]);
                if (chosen.Source.Reference is HubReference)
                    WorldReadable.ReplaceIfOther(reference, Encoding.ASCII.GetBytes(chosen.Version));
                records.Keep(chosen.Folder, revision, filter, new Resolution(chosen.Version, freshAt));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                log.Warn($"{chosen.Source.Reference}: the cache could not note what {revision} means ({error.Message}), so the next start asks the source again.");
            }
        }
    }

    // A pod must start although nobody can note that it did: its cache may be mounted read-only.
    private void Mark(IReadOnlyCollection<ChosenVersion> versions)
    {
        if (command.Mark is not { } id)
            return;
        try
        {
            new PodMarks(cache).Set(id, versions.Select(version => new MarkedVersion(version.Folder, version.Version, filter)), time.GetUtcNow());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            log.Warn($"The cache could not take the mark of {id} ({error.Message}), so whoever prunes it does not know that this pod uses {string.Join(", ", versions.Select(version => version.Source.Reference))}.");
        }
    }
}
