using Stevedore.Contract.Layout;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Publishing;
using Stevedore.Fetcher.Reporting;

namespace Stevedore.Fetcher.Fetching;

/// <summary>Hashes what is published again and withdraws what is wrong; the next fetch repairs just that.</summary>
/// <param name="cache">The cache.</param>
/// <param name="meter">Counts.</param>
internal sealed class VerifyFlow(CacheLayout cache, FetchMeter meter)
{
    private readonly VersionRecords _records = new(cache);

    /// <summary>Verifies the completed versions of the named models, or of all where none is named.</summary>
    /// <returns>A finding for each version, with the files that were withdrawn.</returns>
    public IReadOnlyList<VerifiedVersion> Run(IReadOnlyList<ModelReference> references, CancellationToken cancellationToken)
    {
        var folders = references.Select(CacheLayout.FolderOf).ToHashSet(StringComparer.Ordinal);
        var findings = new List<VerifiedVersion>();
        foreach (var (folder, completion) in _records.Completions().Where(entry => folders.Count == 0 || folders.Contains(entry.Folder)).ToList())
        {
            var snapshot = new Snapshot(cache, folder, completion.Version);
            var wrong = new ContentCheck(meter).FindWrong(snapshot, completion.Files, cancellationToken);
            foreach (var entry in wrong)
                snapshot.Withdraw(entry.File);
            if (wrong.Count > 0)
                _records.Forget(folder, completion);
            findings.Add(new VerifiedVersion(folder, completion, wrong));
        }

        return findings;
    }
}

/// <summary>What verifying a version found.</summary>
/// <param name="Folder">The model's folder in the cache.</param>
/// <param name="Completion">The version as it was completed.</param>
/// <param name="Wrong">What was wrong with it and is withdrawn; empty where all is well.</param>
internal sealed record VerifiedVersion(string Folder, Completion Completion, IReadOnlyList<WrongFile> Wrong);
