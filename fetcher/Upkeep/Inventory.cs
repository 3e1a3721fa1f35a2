using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Publishing;

namespace Stevedore.Fetcher.Upkeep;

/// <summary>A file that says what a revision means: a ref of the Hub's layout, or a record of our own.</summary>
/// <param name="Folder">The model's folder.</param>
/// <param name="Path">The file, relative to the cache.</param>
/// <param name="Version">What it means.</param>
/// <param name="Revision">The revision, where the record is our own; null for a ref.</param>
internal sealed record Pointer(string Folder, string Path, string Version, string? Revision = null);

/// <summary>All that lies in a cache at one time. Paths are relative to its root.</summary>
/// <param name="Entries">Every file, folder and link.</param>
/// <param name="LinkTargets">Where the links in snapshots lead.</param>
/// <param name="Versions">Every version that is recorded.</param>
/// <param name="Pointers">What revisions mean.</param>
internal sealed record Inventory(
    SortedDictionary<string, Entry> Entries, IReadOnlyDictionary<string, string> LinkTargets, IReadOnlyList<RecordedVersion> Versions, IReadOnlyList<Pointer> Pointers)
{
    private const string Records = ".stevedore/versions/";

    /// <summary>Every file of a version that was ever listed or completed.</summary>
    public static IEnumerable<ManifestFile> FilesOf(RecordedVersion version) =>
        version.Completions.SelectMany(completion => completion.Files).Concat(version.Manifests.SelectMany(manifest => manifest.Files)).DistinctBy(file => file.Path);

    /// <summary>The digests without which a version would not be what it is: of all that is complete, else of all that was listed.</summary>
    public static IEnumerable<string> NeededBy(RecordedVersion version) =>
        (version.Completions.Count > 0 ? version.Completions.SelectMany(completion => completion.Files) : version.Manifests.SelectMany(manifest => manifest.Files))
            .Where(file => file.Digest is not null).Select(file => file.Digest!.Hex).Distinct();

    /// <summary>The folder of a version's files.</summary>
    public static string FolderOf(RecordedVersion version) =>
        CacheLayout.IsHub(version.Folder) ? $"{version.Folder}/snapshots/{version.Version}" : $"{version.Folder}/{version.Version}";

    /// <summary>The folder of a version's records.</summary>
    public static string RecordsOf(RecordedVersion version) => $"{Records}{version.Folder}/@{version.Version}";

    /// <summary>The folder of a model's records.</summary>
    public static string RecordsOf(string folder) => Records + folder;

    /// <summary>Where a record lies that says a version is complete.</summary>
    public static string CompletionOf(RecordedVersion version, Completion completion) => $"{RecordsOf(version)}/complete.{completion.Filter}.json";

    /// <summary>Where a blob lies.</summary>
    public static string BlobOf(string folder, string digest) => $"{folder}/blobs/{digest}";

    /// <summary>The names under which a version's files are found, with what writing them may have left half-way.</summary>
    public IEnumerable<string> NamesOf(RecordedVersion version)
    {
        var folder = FolderOf(version);
        return FilesOf(version).Select(file => $"{folder}/{file.Path}").Where(IsFileOrLink).Concat(Below(folder).Where(path => IsFileOrLink(path) && IsTemporary(path))).Distinct();
    }

    /// <summary>Everything below a folder, without the folder itself.</summary>
    public IEnumerable<string> Below(string folder)
    {
        _sorted ??= [.. Entries.Keys];
        var start = _sorted.BinarySearch(folder + "/", StringComparer.Ordinal);
        for (var at = start < 0 ? ~start : start; at < _sorted.Count && _sorted[at].StartsWith(folder + "/", StringComparison.Ordinal); at++)
            yield return _sorted[at];
    }

    /// <summary>Whether there is something at a path that can be moved or removed as a file is.</summary>
    public bool IsFileOrLink(string path) => Entries.TryGetValue(path, out var entry) && entry.Kind != EntryKind.Folder;

    /// <summary>Whether a name is one that files bear while they are written: their own, 32 hexadecimal digits and <c>.tmp</c>.</summary>
    public static bool IsTemporary(string path) =>
        path.EndsWith(".tmp", StringComparison.Ordinal) && path.Split('.') is [.., var id, _] && id.Length == 32 && id.All(char.IsAsciiHexDigitLower);

    private List<string>? _sorted;
}
