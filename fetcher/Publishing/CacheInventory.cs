using System.Text;
using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Locking;
using Stevedore.Fetcher.Upkeep;

namespace Stevedore.Fetcher.Publishing;

/// <summary>Reads all that lies in a cache.</summary>
/// <param name="cache">The cache.</param>
internal sealed class CacheInventory(CacheLayout cache)
{
    private const int LongestCommit = 128;

    private readonly CacheTree _tree = new(cache.Root);
    private readonly VersionRecords _records = new(cache);

    /// <summary>Reads it.</summary>
    public Inventory Read()
    {
        var entries = _tree.Walk();
        var versions = _records.Versions().ToList();
        var links = entries.Where(entry => entry.Value.Kind == EntryKind.Link && entry.Key.Contains("/snapshots/", StringComparison.Ordinal))
            .Select(entry => (entry.Key, Target: new FileInfo(Path.Combine(cache.Root, entry.Key)).LinkTarget))
            .Where(link => link.Target is not null)
            .ToDictionary(link => link.Key, link => link.Target!, StringComparer.Ordinal);
        var inventory = new Inventory(entries, links, versions, []);
        return inventory with { Pointers = [.. versions.Select(version => version.Folder).Distinct().SelectMany(folder => PointersOf(inventory, folder))] };
    }

    /// <summary>What a pointer means that was moved aside; null where it means nothing.</summary>
    /// <param name="path">Where it lay.</param>
    /// <param name="aside">Where it lies.</param>
    public string? MeaningOf(string path, string aside) => path.StartsWith(".stevedore/", StringComparison.Ordinal)
        ? PlainFile.TryRead(Path.Combine(cache.Root, aside), RecordsJson.Default.Resolution)?.Version
        : PlainFile.TryRead(Path.Combine(cache.Root, aside), LongestCommit) is { } content ? Encoding.ASCII.GetString(content) : null;

    /// <summary>Every lease that lies in a cache, by its path.</summary>
    public static IReadOnlyDictionary<string, SeenLease> LeasesOf(CacheLayout cache, Inventory inventory) => inventory.Below(".stevedore/leases").Where(inventory.IsFileOrLink)
        .Select(path => (path, Lease: LeaseFile.TryRead(Path.Combine(cache.Root, path))))
        .Where(entry => entry.Lease is not null)
        .ToDictionary(entry => entry.path, entry => new SeenLease(entry.Lease!.Owner, entry.Lease.IsReleased), StringComparer.Ordinal);

    private IEnumerable<Pointer> PointersOf(Inventory inventory, string folder)
    {
        var records = Inventory.RecordsOf(folder);
        return inventory.Below($"{folder}/refs").Where(inventory.IsFileOrLink)
            .Concat(inventory.Below(records).Where(path => path.StartsWith($"{records}/resolved.", StringComparison.Ordinal)))
            .Select(path => (path, Version: MeaningOf(path, path)))
            .Where(pointer => pointer.Version is not null)
            .Select(pointer => new Pointer(folder, pointer.path, pointer.Version!, VersionRecords.RevisionOf(pointer.path)));
    }
}
