using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Locking;
using Stevedore.Fetcher.Publishing;

namespace Stevedore.Fetcher.Upkeep;

/// <summary>What removing a version takes away.</summary>
/// <param name="Version">The version.</param>
/// <param name="Pointers">Refs and records that mean it.</param>
/// <param name="Names">Its files' names, or its files where they lie there themselves.</param>
/// <param name="Blobs">Digests that nothing else needs.</param>
/// <param name="Records">What is recorded of it.</param>
/// <param name="Bytes">What comes free.</param>
internal sealed record Removal(
    RecordedVersion Version, IReadOnlyList<string> Pointers, IReadOnlyList<string> Names, IReadOnlyList<string> Blobs, IReadOnlyList<string> Records, long Bytes)
{
    /// <summary>Every file that goes.</summary>
    public IEnumerable<string> Paths => [.. Pointers, .. Names, .. Blobs.Select(digest => Inventory.BlobOf(Version.Folder, digest)), .. Records];
}

/// <summary>
/// Keeps account of who needs which content while versions are taken out of an inventory one after the other: a blob goes with the last version that needs it,
/// and bytes come free with the last name of a file.
/// </summary>
internal sealed class ContentLedger
{
    private readonly Inventory _inventory;
    private readonly Dictionary<(string Folder, string Digest), int> _needed = [];
    private readonly Dictionary<(ulong Device, ulong Inode), uint> _names = [];
    private readonly HashSet<string> _gone = new(StringComparer.Ordinal);

    /// <param name="inventory">What is there.</param>
    /// <param name="versions">The versions that need contents: those of the inventory, or as they were before their records were moved away.</param>
    /// <param name="intents">What living fetchers rely on.</param>
    public ContentLedger(Inventory inventory, IEnumerable<RecordedVersion> versions, IEnumerable<IntendedVersion> intents)
    {
        _inventory = inventory;
        var ours = new HashSet<string>(StringComparer.Ordinal);
        foreach (var version in versions)
        {
            foreach (var digest in Inventory.NeededBy(version))
                Need(version.Folder, digest);
            ours.UnionWith(inventory.NamesOf(version));
        }

        foreach (var intent in intents)
        {
            foreach (var content in intent.Contents)
                Need(intent.Folder, content.Key);
        }

        // The Hub's own library, or somebody by hand, may have linked blobs into snapshots that are not recorded here.
        foreach (var (link, target) in inventory.LinkTargets.Where(link => !ours.Contains(link.Key)))
            Need(link[..link.IndexOf("/snapshots/", StringComparison.Ordinal)], target[(target.LastIndexOf('/') + 1)..]);

        foreach (var entry in inventory.Entries.Values.Where(entry => entry.Kind == EntryKind.File))
        {
            if (_names.TryAdd((entry.Device, entry.Inode), Math.Max(1, entry.Names)))
                Bytes += entry.Bytes;
        }
    }

    /// <summary>Bytes of all files that are left, each counted once.</summary>
    public long Bytes { get; private set; }

    /// <summary>Takes a version out.</summary>
    public Removal Remove(RecordedVersion version)
    {
        var blobs = new List<string>();
        var needs = Inventory.NeededBy(version).ToHashSet(StringComparer.Ordinal);
        foreach (var digest in CacheLayout.IsHub(version.Folder) ? Inventory.FilesOf(version).Select(file => file.Digest?.Hex).OfType<string>().Distinct() : [])
        {
            var left = _needed.GetValueOrDefault((version.Folder, digest)) - (needs.Contains(digest) ? 1 : 0);
            _needed[(version.Folder, digest)] = left;
            if (left <= 0 && _inventory.IsFileOrLink(Inventory.BlobOf(version.Folder, digest)))
                blobs.Add(digest);
        }

        var removal = new Removal(
            version,
            [.. _inventory.Pointers.Where(pointer => pointer.Folder == version.Folder && pointer.Version == version.Version).Select(pointer => pointer.Path)],
            [.. _inventory.NamesOf(version)],
            blobs,
            [.. _inventory.Below(Inventory.RecordsOf(version)).Where(_inventory.IsFileOrLink)],
            0);
        var before = Bytes;
        Remove(removal.Paths);
        return removal with { Bytes = before - Bytes };
    }

    /// <summary>Takes files out that belong to no version.</summary>
    public void Remove(IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            if (!_inventory.Entries.TryGetValue(path, out var entry) || entry.Kind != EntryKind.File || !_gone.Add(path))
                continue;
            if (--_names[(entry.Device, entry.Inode)] == 0)
                Bytes -= entry.Bytes;
        }
    }

    private void Need(string folder, string digest) => _needed[(folder, digest)] = _needed.GetValueOrDefault((folder, digest)) + 1;
}
