using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Locking;

namespace Stevedore.Fetcher.Transfer;

/// <summary>What other fetchers are at, for the people who wait for them.</summary>
/// <param name="cache">The cache.</param>
/// <param name="watch">Who they are.</param>
internal sealed class OthersWork(CacheLayout cache, OwnerWatch watch)
{
    /// <summary>Who fetches something, what, and how much of it is there by its journal.</summary>
    public string Describe(TakenWork work)
    {
        var whom = work.Lease?.Owner is { } owner ? watch.Describe(owner) : "another fetcher";
        return $"{whom}, which fetches {work.Name}{ProgressOf(work)}";
    }

    private string ProgressOf(TakenWork work)
    {
        if (work is not { Item: { } item, Lease: { Owner: { } owner } lease })
            return "";
        var journal = BlobLease.JournalOf(BlobLease.PartialPath(cache, lease.Key, lease.Epoch, owner));
        return Journal.Look(journal, item.Identity, item.Size) is { } entry
            ? $" ({(double)entry.Written.SetBytes / item.Size:P0} of {item.Size / (double)(1 << 20):0} MiB)"
            : "";
    }
}
