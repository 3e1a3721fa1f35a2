using Stevedore.Fetcher.Locking;
using Stevedore.Fetcher.Publishing;
using Stevedore.Fetcher.Reporting;

namespace Stevedore.Fetcher.Transfer;

/// <summary>
/// Small contents of all threads that are on the volume, verified, and wait for their names: one sync serves many batches, and threads fetch on meanwhile. A filesystem
/// with a journal stops everybody who makes files for the time of a sync.
/// </summary>
/// <param name="shelf">Gives them their names.</param>
/// <param name="leases">A batch's lease is held until its contents have their names.</param>
/// <param name="streams">How many connections the run has now.</param>
/// <param name="meter">Counts what is published.</param>
/// <param name="time">Its timestamps are the clock.</param>
internal sealed class StagedContents(BlobShelf shelf, LeaseStore leases, Func<int> streams, FetchMeter meter, TimeProvider time)
{
    /// <summary>Other fetchers wait for what has arrived here: where a source is slow, that is not held back to save a sync.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    // With a batch that is being fetched and what a socket holds, the most that a kill wastes of a connection.
    private const long MostBytesAStream = 3 << 20;

    private readonly Lock _gate = new();
    private List<(TransferItem Item, string Path)> _contents = [];
    private List<BlobLease> _leases = [];
    private long _bytes;
    private long _since;

    /// <summary>Takes what was staged of a batch; publishes it with all that waits where that is enough.</summary>
    /// <param name="staged">The contents, and where they lie.</param>
    /// <param name="lease">The batch's.</param>
    /// <param name="isLast">Whether there is nothing more to wait for.</param>
    /// <exception cref="IOException">They could not be made durable, or not be named.</exception>
    public void Add(IReadOnlyList<(TransferItem Item, string Path)> staged, BlobLease lease, bool isLast)
    {
        bool isEnough;
        lock (_gate)
        {
            if (_leases.Count == 0)
                _since = time.GetTimestamp();
            _contents.AddRange(staged);
            _leases.Add(lease);
            _bytes += staged.Sum(content => content.Item.Size);
            isEnough = isLast || _bytes >= streams() * MostBytesAStream;
        }

        if (isEnough)
            Publish();
    }

    /// <summary>Publishes what waits, where the first of it has waited for long; asked now and then.</summary>
    /// <exception cref="IOException">As for <see cref="Add"/>.</exception>
    public void PublishOld()
    {
        lock (_gate)
        {
            if (_leases.Count == 0 || time.GetElapsedTime(_since) < LongestWait)
                return;
        }

        Publish();
    }

    /// <summary>Publishes all that waits.</summary>
    /// <exception cref="IOException">As for <see cref="Add"/>.</exception>
    public void Publish()
    {
        List<(TransferItem Item, string Path)> contents;
        List<BlobLease> held;
        lock (_gate)
        {
            (contents, held) = (_contents, _leases);
            (_contents, _leases, _bytes) = ([], [], 0);
        }

        try
        {
            if (contents.Count > 0)
                shelf.PublishStaged(contents);
            meter.Published(contents.Count);
        }
        finally
        {
            held.ForEach(leases.Abandon);
        }
    }
}
