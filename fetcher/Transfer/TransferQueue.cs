using Stevedore.Contract;
using Stevedore.Fetcher.Locking;
using Stevedore.Fetcher.Reporting;

namespace Stevedore.Fetcher.Transfer;

/// <summary>What a thread does next.</summary>
internal abstract record TransferJob
{
    /// <summary>Take the lease of a content and open its partial file.</summary>
    /// <param name="Item">The content.</param>
    /// <param name="IsAnotherLook">Whether somebody else had it when it was looked at last.</param>
    public sealed record Open(TransferItem Item, bool IsAnotherLook = false) : TransferJob;

    /// <summary>Fetch a few blocks.</summary>
    public sealed record Fetch(BlobDownload Blob, Claim Claim) : TransferJob;

    /// <summary>Fetch contents that fit into one buffer.</summary>
    /// <param name="Batch">The contents.</param>
    /// <param name="IsAnotherLook">As for <see cref="Open"/>.</param>
    public sealed record FetchSmall(SmallBatch Batch, bool IsAnotherLook = false) : TransferJob;
}

/// <summary>What another fetcher has the lease of.</summary>
/// <param name="LookAgain">What to do when it is looked at again.</param>
/// <param name="Name">What a person calls it.</param>
/// <param name="Item">The content, where it is a single one.</param>
/// <param name="Lease">The other's lease; null where that is over already.</param>
internal sealed record TakenWork(TransferJob LookAgain, string Name, TransferItem? Item, TakenLease? Lease)
{
    /// <summary>A large content.</summary>
    public static TakenWork Of(TransferItem item, TakenLease? lease) => new(new TransferJob.Open(item, IsAnotherLook: true), item.Name, item, lease);

    /// <summary>Small ones.</summary>
    public static TakenWork Of(SmallBatch batch, TakenLease lease) => new(new TransferJob.FetchSmall(batch, IsAnotherLook: true), batch.Name, null, lease);
}

/// <summary>
/// One queue over all contents. Every other thread prefers small files, so that they do not wait behind large ones; among large ones the content with the
/// fewest connections comes first, because a content that arrives over one connection is hashed as it passes.
/// </summary>
/// <param name="large">Contents that are fetched in blocks.</param>
/// <param name="small">Contents that fit into one buffer.</param>
/// <param name="lookAgain">How often a lease that somebody else holds is looked at again.</param>
/// <param name="wait">How long to wait for other fetchers when nothing else is left to do; null for ever.</param>
/// <param name="describe">Who fetches something else, and how far it is, for people.</param>
/// <param name="meter">Shows whom the run waits for.</param>
/// <param name="time">Its timestamps are the clock.</param>
internal sealed class TransferQueue(
    IEnumerable<TransferItem> large, IEnumerable<SmallBatch> small, TimeSpan lookAgain, TimeSpan? wait, Func<TakenWork, string> describe, FetchMeter meter, TimeProvider time)
{
    private readonly object _gate = new();
    private readonly Queue<TransferItem> _large = new(large);
    private readonly Queue<SmallBatch> _small = new(small);
    private readonly Queue<(TakenWork Work, long Since)> _taken = [];
    private readonly List<BlobDownload> _open = [];
    private int _busy;
    private int _limit = int.MaxValue;
    private long? _idleSince;

    /// <summary>What a run that stopped early leaves unfinished.</summary>
    public IReadOnlyList<BlobDownload> LeftOpen
    {
        get
        {
            lock (_gate)
                return [.. _open];
        }
    }

    /// <summary>Jobs that may be done at once; those that are begun already go on.</summary>
    public int Limit
    {
        set
        {
            lock (_gate)
            {
                if (_limit == value)
                    return;
                _limit = value;
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>Whether as many jobs are being done as may.</summary>
    public bool IsUsedUp
    {
        get
        {
            lock (_gate)
                return _busy >= _limit;
        }
    }

    /// <summary>Whether further batches of small contents wait to be fetched.</summary>
    public bool HasSmall
    {
        get
        {
            lock (_gate)
                return _small.Count > 0;
        }
    }

    /// <summary>The next job; blocks while others may still bring work, null when all is done or the run stops.</summary>
    /// <exception cref="FetchException">75: waited too long for another fetcher.</exception>
    public TransferJob? Next(bool prefersSmall, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                if (_busy < _limit && Pick(prefersSmall) is { } job)
                {
                    _busy++;
                    if (job is not (TransferJob.Open { IsAnotherLook: true } or TransferJob.FetchSmall { IsAnotherLook: true }))
                        StopWaiting();
                    return job;
                }

                if (_busy == 0 && _taken.Count == 0 && _open.Count == 0)
                {
                    Monitor.PulseAll(_gate);
                    return null;
                }

                if (_busy == 0 && _taken.Count > 0)
                    WaitForOthers();
                Monitor.Wait(_gate, lookAgain);
            }

            return null;
        }
    }

    /// <summary>A job ended, well or not; what it left behind was handed over before.</summary>
    public void Done()
    {
        lock (_gate)
        {
            _busy--;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>A content is ready to be fetched.</summary>
    public void Opened(BlobDownload blob)
    {
        lock (_gate)
        {
            _open.Add(blob);
            StopWaiting();
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Blocks were given back: there may be something to claim again.</summary>
    public void Reopened()
    {
        lock (_gate)
            Monitor.PulseAll(_gate);
    }

    /// <summary>A content is published, or left to somebody else.</summary>
    public void Closed(BlobDownload blob)
    {
        lock (_gate)
        {
            _open.Remove(blob);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Somebody else fetches this; it is looked at again later.</summary>
    public void TakenBy(TakenWork work)
    {
        lock (_gate)
            _taken.Enqueue((work, time.GetTimestamp()));
    }

    private TransferJob? Pick(bool prefersSmall)
    {
        if (prefersSmall && _small.TryDequeue(out var preferred))
            return new TransferJob.FetchSmall(preferred);
        return PickLarge() ?? (_small.TryDequeue(out var batch) ? new TransferJob.FetchSmall(batch) : PickTaken());
    }

    private TransferJob? PickLarge()
    {
        foreach (var blob in _open.OrderBy(blob => blob.Active))
        {
            if (_large.Count > 0 && blob.Active > 0)
                break;
            if (blob.TryClaim() is { } claim)
                return new TransferJob.Fetch(blob, claim);
        }

        if (_large.TryDequeue(out var item))
            return new TransferJob.Open(item);
        // The last stretch: nothing is left but what others are at. Small files go before helping them.
        return _small.Count > 0 ? null : _open.Select(blob => (Blob: blob, Claim: blob.TrySplit()))
            .Where(split => split.Claim is not null)
            .Select(split => new TransferJob.Fetch(split.Blob, split.Claim!))
            .FirstOrDefault();
    }

    private TransferJob? PickTaken() =>
        _taken.TryPeek(out var next) && time.GetElapsedTime(next.Since) >= lookAgain ? _taken.Dequeue().Work.LookAgain : null;

    private void StopWaiting()
    {
        _idleSince = null;
        meter.WaitingFor = null;
    }

    private void WaitForOthers()
    {
        meter.WaitingFor = describe(_taken.Peek().Work);
        _idleSince ??= time.GetTimestamp();
        if (wait is { } limit && time.GetElapsedTime(_idleSince.Value) >= limit)
        {
            throw new FetchException(
                ExitCode.GaveUpWaiting,
                $"Gave up waiting for {meter.WaitingFor}, after {limit.TotalSeconds:0} s; wait longer with --wait, or look at what that fetcher does.");
        }
    }
}
