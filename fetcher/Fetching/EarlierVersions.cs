using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Publishing;

namespace Stevedore.Fetcher.Fetching;

/// <summary>
/// Spares a new version of a plain model what an earlier one already has: an updated prefix often changes one small file beside 100 GB of weights. Models
/// of the Hub need none of it, since their versions share blobs.
/// </summary>
/// <param name="cache">The cache.</param>
/// <param name="records">What is complete.</param>
/// <param name="folder">The model's folder.</param>
/// <param name="check">Hashes a lender's content first; null trusts its size.</param>
internal sealed class EarlierVersions(CacheLayout cache, VersionRecords records, string folder, ContentCheck? check)
{
    /// <summary>Gives the files that another version holds with the same digest a second name in this one; does nothing without hard links.</summary>
    public void Lend(Snapshot snapshot, IEnumerable<ManifestFile> files, CancellationToken cancellationToken)
    {
        if (CacheLayout.IsHub(folder))
            return;
        var lenders = new Dictionary<ContentDigest, string>();
        foreach (var completion in records.CompletionsOf(folder))
        {
            var earlier = new Snapshot(cache, folder, completion.Version);
            foreach (var file in completion.Files.Where(file => file.Digest is not null && earlier.Holds(file)))
                lenders.TryAdd(file.Digest!, earlier.PathOf(file));
        }

        foreach (var file in files)
        {
            if (file.Digest is null || snapshot.HoldsContent(file) || !lenders.TryGetValue(file.Digest, out var lender))
                continue;
            if (check is not null && check.Compute(lender, file.Digest, file.Size, cancellationToken) != file.Digest.Hex)
                continue;
            WorldReadable.MakeFolder(Path.GetDirectoryName(snapshot.PathOf(file))!);
            Libc.TryLink(lender, snapshot.PathOf(file));
        }
    }
}
