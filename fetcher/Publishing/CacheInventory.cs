using System.Text;
using Stevedore.Contract.Layout;
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

    private IEnumerable<Pointer> PointersOf(Inventory inventory, string folder)
    {
        foreach (var path in inventory.Below($"{folder}/refs").Where(inventory.IsFileOrLink))
        {
            if (PlainFile.TryRead(Path.Combine(cache.Root, path), LongestCommit) is { } content)
                yield return new Pointer(folder, path, Encoding.ASCII.GetString(content));
        }

        var records = Inventory.RecordsOf(folder);
        foreach (var path in inventory.Below(records).Where(path => path.StartsWith($"{records}/resolved.", StringComparison.Ordinal)))
        {
            if (PlainFile.TryRead(Path.Combine(cache.Root, path), RecordsJson.Default.Resolution) is { } resolution)
                yield return new Pointer(folder, path, resolution.Version);
        }
    }
}
