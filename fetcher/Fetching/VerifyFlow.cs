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
        using var withdrawal = new Withdrawal(cache, TimeProvider.System);
        foreach (var (folder, completion) in _records.Completions().ToList())
        {
            if (references.Count > 0 && !references.Any(reference => IsMeant(reference, folder, completion)))
                continue;
            var wrong = new ContentCheck(meter).FindWrong(new Snapshot(cache, folder, completion.Version), completion.Files, cancellationToken);
            // Taken away meanwhile, by another verify or a prune: nobody is promised it any more.
            if (wrong.Count > 0 && _records.Completion(folder, completion.Version, completion.Filter) is null)
                continue;
            var (still, isDone) = withdrawal.Withdraw(folder, completion.Version, completion, wrong);
            findings.Add(new VerifiedVersion(folder, completion, still, still.Count > 0 && isDone));
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
