using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Publishing;
using Stevedore.Fetcher.Transfer;
using Stevedore.Fetcher.Upkeep;

namespace Stevedore.Fetcher.Locking;

/// <summary>Looks at who is at work in a cache, at a glance: nothing is written and nobody is waited for.</summary>
/// <param name="cache">The cache.</param>
/// <param name="time">The clock.</param>
internal sealed class CacheWatch(CacheLayout cache, TimeProvider time)
{
    private readonly OwnerWatch _watch = new(
        cache, FilesystemKind.DefaultLeaseTtl(FilesystemKind.IsLocal(cache.Root)), locksWork: false, FilesystemKind.IsLocal(cache.Root), time);

    /// <summary>Fetchers that are not known to be dead, with what they want.</summary>
    public IReadOnlyList<LivingFetch> Fetches() =>
    [
        .. FetchIntent.All(cache)
            .Where(entry => entry.Intent is not null && IsNotKnownDead(entry.Owner))
            .SelectMany(entry => entry.Intent!.Versions.Select(version => new LivingFetch(_watch.Describe(entry.Owner), entry.Intent.At, version))),
    ];

    /// <summary>How much has arrived of the contents that are being fetched, or were when their fetcher died.</summary>
    public IReadOnlyDictionary<string, long> Arrived(Inventory inventory)
    {
        var arrived = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var path in inventory.Below(".stevedore/partial").Where(path => path.EndsWith(".journal", StringComparison.Ordinal)))
        {
            var key = Path.GetFileName(path).Split('.')[0];
            arrived[key] = Math.Max(arrived.GetValueOrDefault(key), Journal.BytesWritten(Path.Combine(cache.Root, path)));
        }

        return arrived;
    }

    /// <summary>Bytes that the dead left behind, as far as that can be told at a glance.</summary>
    public long LeftoverBytes(Inventory inventory)
    {
        var leases = CacheInventory.LeasesOf(cache, inventory);
        var dead = LeftoverSearch.Owners(inventory, leases.Values).Distinct().Where(owner => !IsNotKnownDead(owner)).ToHashSet();
        var wanted = Fetches().SelectMany(fetch => fetch.Version.Contents).Select(content => content.Key).ToHashSet(StringComparer.Ordinal);
        var ledger = new ContentLedger(inventory, [], []);
        var before = ledger.Bytes;
        ledger.Remove(new LeftoverSearch(inventory, leases, dead, wanted, new UseClock(time.GetUtcNow(), null), null).Find().SelectMany(leftover => leftover.Paths));
        return before - ledger.Bytes;
    }

    private bool IsNotKnownDead(string owner) => _watch.Judge(owner) == OwnerState.Alive;
}
