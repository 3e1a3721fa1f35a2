using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Manifests;

namespace Stevedore.Fetcher.Publishing;

/// <summary>The files of one version as a reader of the cache finds them.</summary>
/// <param name="cache">The cache.</param>
/// <param name="folder">The model's folder, see <see cref="CacheLayout.FolderOf"/>.</param>
/// <param name="version">The version.</param>
internal sealed class Snapshot(CacheLayout cache, string folder, string version)
{
    /// <summary>The folder of the version.</summary>
    public string Path { get; } = cache.VersionOf(folder, version);

    private readonly bool _isHub = CacheLayout.IsHub(folder);

    /// <summary>Where a file of the version is found by its name.</summary>
    public string PathOf(ManifestFile file) => System.IO.Path.Combine(Path, file.Path);

    /// <summary>Where the content of a file goes when it is fetched.</summary>
    public string ContentPathOf(ManifestFile file, LinkMode links) => _isHub && links != LinkMode.Moved ? BlobOf(file) : PathOf(file);

    /// <summary>Whether anything of the version can be there: a look at its folder spares thousands at its files.</summary>
    public bool MayHoldContent => Libc.LookCheaply(Path) is not null || (_isHub && Libc.LookCheaply(cache.BlobsOf(folder)) is not null);

    /// <summary>Whether a file is published with the right size, under its name.</summary>
    public bool Holds(ManifestFile file) => HasName(file) && (!_isHub || HoldsContent(file));

    /// <summary>Whether a file's name leads to its own content, and to no other file.</summary>
    public bool HasName(ManifestFile file) => Libc.LookCheaply(PathOf(file)) switch
    {
        { Kind: EntryKind.File } name => name.Bytes == file.Size,
        { Kind: EntryKind.Link } => _isHub && new FileInfo(PathOf(file)).LinkTarget == TargetOf(file),
        _ => false,
    };

    /// <summary>Whether a file's content is there with the right size; its name in this version may still be missing.</summary>
    public bool HoldsContent(ManifestFile file) =>
        ((_isHub ? Libc.LookCheaply(BlobOf(file)) : null) ?? Libc.LookCheaply(PathOf(file))) is { Kind: EntryKind.File } content && content.Bytes == file.Size;

    /// <summary>Gives files their names and lets everybody read them; several at once, since a name on a network filesystem takes milliseconds.</summary>
    /// <returns>A file that is not there with the right size, though it was to be; null where all are.</returns>
    public ManifestFile? Link(IReadOnlyList<ManifestFile> files, LinkMode links)
    {
        ManifestFile? lost = null;
        ManyAtOnce.Do(files, file =>
        {
            Link(file, links);
            var path = ReadPathOf(file);
            if (Libc.LookCheaply(path) is { Kind: EntryKind.File } content && content.Bytes == file.Size && (!_isHub || HasName(file)))
                WorldReadable.Open(path, content);
            else
                Volatile.Write(ref lost, file);
        });
        return lost;
    }

    /// <summary>Gives a file of a Hub snapshot its name; does nothing where the content lies there itself, as in a cache that was copied with its links followed.</summary>
    public void Link(ManifestFile file, LinkMode links)
    {
        if (!_isHub || links == LinkMode.Moved || !File.Exists(BlobOf(file)))
            return;
        var path = PathOf(file);
        var target = TargetOf(file);
        if (links == LinkMode.Symbolic && new FileInfo(path).LinkTarget == target)
            return;
        WorldReadable.MakeFolder(System.IO.Path.GetDirectoryName(path)!);
        if (links == LinkMode.Symbolic && TryLinkAnew(path, target))
            return;
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        if (links == LinkMode.Symbolic)
            File.CreateSymbolicLink(temporary, target);
        else if (!Libc.TryLink(BlobOf(file), temporary))
            throw new IOException($"{path} could not be linked to its blob.");
        Renaming.Over(temporary, path);
    }

    /// <summary>Makes the names durable, those of the contents and those that lead to them, with the folders above.</summary>
    public void Sync(IEnumerable<ManifestFile> files)
    {
        var folders = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            for (var folder = System.IO.Path.GetDirectoryName(PathOf(file)); folder is not null && folder.Length >= cache.Root.Length && folders.Add(folder);)
                folder = System.IO.Path.GetDirectoryName(folder);
        }

        // The blobs and then the innermost first: no name is durable before what it leads to.
        if (_isHub)
            Libc.SyncFolder(cache.BlobsOf(folder));
        foreach (var folder in folders.OrderByDescending(folder => folder.Length))
            Libc.SyncFolder(folder);
    }

    /// <summary>The file to read when a content is hashed again.</summary>
    public string ReadPathOf(ManifestFile file) => _isHub && File.Exists(BlobOf(file)) ? BlobOf(file) : PathOf(file);

    /// <summary>Where the content lies to which a file's name leads.</summary>
    public string TargetPathOf(ManifestFile file) => _isHub && Libc.LookCheaply(PathOf(file)) is { Kind: EntryKind.Link } ? BlobOf(file) : ReadPathOf(file);

    // Where nothing bears the name yet, no reader can find half of it.
    private static bool TryLinkAnew(string path, string target)
    {
        try
        {
            File.CreateSymbolicLink(path, target);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static string TargetOf(ManifestFile file) =>
        string.Concat(Enumerable.Repeat("../", 2 + file.Path.Count(c => c == '/'))) + $"blobs/{file.Digest!.Hex}";

    private string BlobOf(ManifestFile file) => System.IO.Path.Combine(cache.BlobsOf(folder), file.Digest!.Hex);
}
