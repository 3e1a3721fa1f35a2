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
    /// <summary>Gives the files that another version holds with the same digest, or as the same object, a second name in this one; does nothing without hard links.</summary>
    public void Lend(Snapshot snapshot, IEnumerable<ManifestFile> files, CancellationToken cancellationToken)
    {
        if (CacheLayout.IsHub(folder))
            return;
        var lenders = new Dictionary<string, (string Path, ManifestFile File)>(StringComparer.Ordinal);
        foreach (var completion in records.CompletionsOf(folder))
        {
            var earlier = new Snapshot(cache, folder, completion.Version);
            foreach (var file in completion.Files.Where(earlier.Holds))
            {
                foreach (var name in NamesOf(file))
                    lenders.TryAdd(name, (earlier.PathOf(file), file));
            }
        }

        foreach (var file in lenders.Count > 0 ? files : [])
        {
            if (snapshot.HoldsContent(file) || NamesOf(file).Where(lenders.ContainsKey).Select(name => lenders[name]).FirstOrDefault() is not { Path: { } lender, File: var lent })
                continue;
            if (file.Digest is not null && lent.Digest?.Algorithm == file.Digest.Algorithm && lent.Digest != file.Digest)
                continue;
            if (check is not null && lent.Digest is { } digest && check.Compute(lender, digest, file.Size, cancellationToken) != digest.Hex)
                continue;
            WorldReadable.MakeFolder(Path.GetDirectoryName(snapshot.PathOf(file))!);
            Libc.TryLink(lender, snapshot.PathOf(file));
        }
    }

    /// <summary>What tells a content from others: a digest that can, or what a store says of the object at this very path.</summary>
    private static IEnumerable<string> NamesOf(ManifestFile file)
    {
        if (file.Digest is { NamesContent: true } digest)
            yield return digest.ToString();
        if (file.Validator is { } validator && validator.StartsWith('"'))
            yield return $"{file.Path}\0{file.Size}\0{validator}";
    }
}
