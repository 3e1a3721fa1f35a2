using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Publishing;

namespace Stevedore.Fetcher.Locking;

/// <summary>
/// Leases with epochs that count up without a gap while a blob is being fetched. Taking over is creating the next epoch of kind <c>fetch</c>, publishing is
/// creating the next epoch of kind <c>publish</c>: of the two, one wins, and locks play no part. No folder is listed: a listing may be a cached one, while an
/// exclusive create always asks the filesystem itself, and without gaps the next number is never one that somebody passed already.
/// </summary>
/// <param name="cache">The cache.</param>
/// <param name="heartbeat">This fetcher.</param>
/// <param name="watch">What is known of the others.</param>
internal sealed class LeaseStore(CacheLayout cache, Heartbeat heartbeat, OwnerWatch watch)
{
    /// <summary>Asks for a blob once; never waits.</summary>
    /// <exception cref="FetchException">75: this fetcher was silent for so long that others count it as dead.</exception>
    public LeaseAnswer TryTake(string key)
    {
        heartbeat.ThrowIfLost();
        WorldReadable.MakeFolder(cache.Leases);
        WorldReadable.MakeFolder(cache.Partials);
        var earlier = new List<LeaseFile>();
        while (true)
        {
            var epoch = earlier.Count + 1;
            if (TryRead(key, epoch) is { } passed)
            {
                earlier.Add(passed);
                continue;
            }

            if (earlier.Count > 0 && StateOf(key, epoch - 1, earlier[^1]) == OwnerState.Alive)
                return new LeaseAnswer(null, new TakenLease(key, epoch - 1, earlier[^1].Owner));
            if (LeaseFile.TryCreate(PathOf(key, epoch), LeaseKind.Fetch, heartbeat.Id))
                return new LeaseAnswer(new BlobLease(key, epoch, heartbeat.Id, Previous(key, earlier)), null);
            if (TryRead(key, epoch) is not { } faster)
                return new LeaseAnswer(null, new TakenLease(key, epoch, null));
            earlier.Add(faster);
        }
    }

    /// <summary>Wins the right to give the blob its final name; false when somebody has taken over meanwhile, or this fetcher was silent too long.</summary>
    public bool TryWinPublishing(BlobLease lease) =>
        !heartbeat.IsLost && IsMine(lease) && LeaseFile.TryCreate(PathOf(lease.Key, lease.Epoch + 1), LeaseKind.Publish, heartbeat.Id);

    /// <summary>Says that this fetcher will not touch the epoch's files again, so that the next one need not wait for it to be declared dead.</summary>
    public void Release(BlobLease lease)
    {
        try
        {
            if (IsMine(lease))
                LeaseFile.Release(PathOf(lease.Key, lease.Epoch), heartbeat.Id);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next fetcher finds out by the heartbeat instead.
        }
    }

    /// <summary>Gives up an epoch whose bytes are of no use to anybody; does nothing to the lease where somebody has taken over meanwhile.</summary>
    public void Abandon(BlobLease lease)
    {
        RemovePartial(lease.Key, lease.Epoch, lease.Owner);
        if (IsMine(lease) && TryRead(lease.Key, lease.Epoch + 1) is null)
            Clear(lease.Key);
    }

    /// <summary>Removes the partial files that epochs left whose makers can never write again. Their leases stay, so that there is no gap.</summary>
    public void ClearGone(BlobLease lease)
    {
        foreach (var previous in lease.Previous.Where(previous => previous.OwnerIsGone))
            RemovePartial(lease.Key, previous.Epoch, previous.Owner);
    }

    /// <summary>Removes the leases of a blob that is published, and what earlier epochs left behind.</summary>
    public void Clear(string key)
    {
        for (var epoch = 1; TryRead(key, epoch) is { } lease; epoch++)
        {
            RemovePartial(key, epoch, lease.Owner);
            File.Delete(PathOf(key, epoch));
        }
    }

    private bool IsMine(BlobLease lease) => TryRead(lease.Key, lease.Epoch)?.Owner == heartbeat.Id;

    private void RemovePartial(string key, int epoch, string? owner)
    {
        if (owner is null)
            return;
        var partial = BlobLease.PartialPath(cache, key, epoch, owner);
        File.Delete(partial);
        File.Delete(BlobLease.JournalOf(partial));
    }

    private List<PreviousEpoch> Previous(string key, List<LeaseFile> earlier) =>
        [.. earlier.Select((lease, index) => new PreviousEpoch(index + 1, lease.Owner, StateOf(key, index + 1, lease) == OwnerState.Gone)).Reverse()];

    private OwnerState StateOf(string key, int epoch, LeaseFile lease)
    {
        if (lease.IsReleased || lease.Owner == heartbeat.Id)
            return OwnerState.Gone;
        return lease.Owner is null ? watch.JudgeUnnamed($"{key}.{epoch}") : watch.Judge(lease.Owner);
    }

    private LeaseFile? TryRead(string key, int epoch) => LeaseFile.TryRead(PathOf(key, epoch));

    private string PathOf(string key, int epoch) => LeaseFile.PathOf(cache, key, epoch);
}
