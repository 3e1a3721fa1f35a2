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
        var findings = new List<VerifiedVersion>();
        foreach (var (folder, completion) in _records.Completions().ToList())
        {
            if (references.Count > 0 && !references.Any(reference => IsMeant(reference, folder, completion)))
                continue;
            var snapshot = new Snapshot(cache, folder, completion.Version);
            var wrong = new ContentCheck(meter).FindWrong(snapshot, completion.Files, cancellationToken);
            var withdrawn = wrong.Count > 0 && wrong.Select(snapshot.TryWithdraw).ToList().TrueForAll(done => done) && _records.TryForget(folder, completion);
            findings.Add(new VerifiedVersion(folder, completion, wrong, withdrawn));
        }

        return findings;
    }

    /// <summary>Whether a reference means this version: any of its model's where it names no revision.</summary>
    public bool IsMeant(ModelReference reference, string folder, Completion completion) =>
        // A bucket of one name may lie in several stores, and all of them are meant.
        (reference is S3Reference ? completion.Reference == reference.ToString() : CacheLayout.FolderOf(reference) == folder)
        && (reference is not HubReference { Revision: { } revision } || revision == completion.Version || _records.RevisionsOf(folder, completion.Version).Contains(revision));
}

/// <summary>What verifying a version found.</summary>
/// <param name="Folder">The model's folder in the cache.</param>
/// <param name="Completion">The version as it was completed.</param>
/// <param name="Wrong">What was wrong with it; empty where all is well.</param>
/// <param name="IsWithdrawn">Whether all of that could be withdrawn; not on a read-only volume.</param>
internal sealed record VerifiedVersion(string Folder, Completion Completion, IReadOnlyList<WrongFile> Wrong, bool IsWithdrawn);
