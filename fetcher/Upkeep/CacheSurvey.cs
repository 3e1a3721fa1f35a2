using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Publishing;

namespace Stevedore.Fetcher.Upkeep;

/// <summary>A fetcher that is at work on a version.</summary>
/// <param name="Owner">Who it is, for people.</param>
/// <param name="Since">When it began.</param>
/// <param name="BytesPresent">What is there of what it wants, by whomever it was fetched.</param>
/// <param name="BytesWanted">What it wants.</param>
internal sealed record FetchInProgress(string Owner, DateTimeOffset Since, long BytesPresent, long BytesWanted);

/// <summary>A version in a cache; the names are those of <c>list -o json</c> and stay.</summary>
/// <param name="Reference">As it was asked for first; the model's folder where that is not known.</param>
/// <param name="Version">Commit or digest of the file list.</param>
/// <param name="Revisions">What means this version at the moment.</param>
/// <param name="Filter">The key of the filter under which it is complete; <c>default</c> where none was given. Empty where an interrupted fetch left none.</param>
/// <param name="Files">Wanted files.</param>
/// <param name="Bytes">Of the wanted files together; of what is there where the version was never complete.</param>
/// <param name="Complete">Whether all of them are there with the right size.</param>
/// <param name="PublishedAt">When it was completed; null where it never was.</param>
/// <param name="Path">Where it is found.</param>
/// <param name="BytesOwn">What removing it alone would free: what it shares with other versions is not in it.</param>
/// <param name="LastUsedAt">When a fetcher last gave it to somebody, or worked on it.</param>
/// <param name="Marks">The pods that use it.</param>
/// <param name="InProgress">The fetchers that are at work on it.</param>
internal sealed record CachedVersion(
    string Reference, string Version, IReadOnlyList<string> Revisions, string Filter, int Files, long Bytes, bool Complete, DateTimeOffset? PublishedAt, string Path,
    long BytesOwn, DateTimeOffset LastUsedAt, IReadOnlyList<string> Marks, IReadOnlyList<FetchInProgress> InProgress);

/// <summary>What is in a cache, by version: from values alone.</summary>
/// <param name="cache">The cache.</param>
/// <param name="inventory">What is there.</param>
/// <param name="fetches">Living fetchers, with what they want.</param>
/// <param name="marks">What pods have marked.</param>
/// <param name="arrived">Bytes of contents that are on their way, by key.</param>
internal sealed class CacheSurvey(
    CacheLayout cache, Inventory inventory, IReadOnlyList<LivingFetch> fetches, IReadOnlyList<PodMark> marks, IReadOnlyDictionary<string, long> arrived)
{
    private readonly VersionUses _uses = new(marks, []);

    /// <summary>Every version under every filter, in the order of their folders.</summary>
    public IEnumerable<CachedVersion> Versions() => inventory.Versions.SelectMany(Describe);

    private IEnumerable<CachedVersion> Describe(RecordedVersion version)
    {
        var own = new ContentLedger(inventory, inventory.Versions, []).Remove(version).Bytes;
        var here = fetches.Where(fetch => fetch.Version.Folder == version.Folder && fetch.Version.Version == version.Version).ToList();
        foreach (var completion in version.Completions)
        {
            yield return Row(version, own, completion.Reference, completion.Filter, completion.Files, completion, here.Where(fetch => fetch.Version.Filter == completion.Filter));
            here.RemoveAll(fetch => fetch.Version.Filter == completion.Filter);
        }

        foreach (var fetch in here.GroupBy(fetch => fetch.Version.Filter))
        {
            var wanted = fetch.First().Version.Contents.Select(content => content.Key).ToHashSet(StringComparer.Ordinal);
            yield return Row(
                version, own, fetch.First().Version.Reference, fetch.Key, [.. Inventory.FilesOf(version).Where(file => wanted.Contains(file.Digest?.Hex ?? ""))], null, fetch);
        }

        if (version.Completions.Count == 0 && here.Count == 0)
            yield return Row(version, own, version.Folder, "", [.. Inventory.FilesOf(version).Where(file => IsThere(version, file))], null, []);
    }

    private CachedVersion Row(
        RecordedVersion version, long own, string reference, string filter, IReadOnlyList<ManifestFile> files, Completion? completion, IEnumerable<LivingFetch> at) => new(
        reference,
        version.Version,
        [.. inventory.Pointers.Where(pointer => pointer.Folder == version.Folder && pointer.Version == version.Version && pointer.Revision is not null)
            .Select(pointer => pointer.Revision!).Distinct().Order(StringComparer.Ordinal)],
        filter,
        files.Count,
        files.Sum(file => file.Size),
        completion is not null && files.All(new Snapshot(cache, version.Folder, version.Version).Holds),
        completion?.At,
        cache.VersionOf(version.Folder, version.Version),
        own,
        version.UsedAt,
        _uses.MarksOf(version),
        [.. at.Select(fetch => new FetchInProgress(fetch.Owner, fetch.Since, fetch.Version.Contents.DistinctBy(content => content.Key).Sum(content => Present(version, content.Key, content.Bytes)),
            fetch.Version.Contents.DistinctBy(content => content.Key).Sum(content => content.Bytes)))]);

    private long Present(RecordedVersion version, string key, long bytes) =>
        Inventory.FilesOf(version).Any(file => file.Digest?.Hex == key && IsThere(version, file)) ? bytes : Math.Min(bytes, arrived.GetValueOrDefault(key));

    private bool IsThere(RecordedVersion version, ManifestFile file)
    {
        var path = CacheLayout.IsHub(version.Folder) && file.Digest is { } digest ? Inventory.BlobOf(version.Folder, digest.Hex) : $"{Inventory.FolderOf(version)}/{file.Path}";
        return inventory.Entries.TryGetValue(path, out var entry) && entry.Kind == EntryKind.File && entry.Bytes == file.Size;
    }
}

/// <summary>A living fetcher and one of the versions that it wants.</summary>
/// <param name="Owner">Who it is, for people.</param>
/// <param name="Since">When it began.</param>
/// <param name="Version">What it wants.</param>
internal sealed record LivingFetch(string Owner, DateTimeOffset Since, Locking.IntendedVersion Version);
