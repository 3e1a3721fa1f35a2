using Stevedore.Fetcher.Locking;
using Stevedore.Fetcher.Reporting;

namespace Stevedore.Fetcher.Transfer;

/// <summary>
/// One content that several threads fetch at once: who fetches which blocks, what has arrived, and whether it must start over. The lowest missing blocks
/// are handed out first, so that most of them arrive in the order in which they are hashed.
/// </summary>
internal sealed class BlobDownload : IDisposable
{
    /// <summary>The journal is made durable each time this much has arrived, so that another machine can go on from there.</summary>
    private const long CheckpointBytes = 512L << 20;

    /// <summary>
    /// How much of a stretch is written before the kernel is told to bring it to the disk: beside the transfer instead of behind it, and so that what waits to
    /// be written stays small beside a container's memory, which it counts towards.
    /// </summary>
    private const long WritebackBytes = 8L << 20;

    private readonly PartialBlob _partial;
    private readonly FetchMeter _meter;
    private readonly TimeProvider _time;
    private readonly BlockMap _claimed;
    private readonly ContentHasher _hasher;
    private readonly Lock _gate = new();
    private readonly ClaimBook _claims;
    private int _missing;
    private int _failures;
    private int _furthest = -1;
    private int _restarts;
    private bool _restarting;
    private bool _singleStream;
    private bool _closed;
    private long _sinceCheckpoint;
    private long? _pausedUntil;
    private long _inherited;

    public BlobDownload(TransferItem item, BlobLease lease, PartialBlob partial, EngineSettings settings, FetchMeter meter, TimeProvider time)
    {
        _time = time;
        Item = item;
        Lease = lease;
        _partial = partial;
        _meter = meter;
        _claimed = new BlockMap(item.Size);
        _claims = new ClaimBook(_claimed, settings, time);
        for (var block = 0; block < _claimed.Count; block++)
        {
            if (partial.Journal.IsWritten(block))
                _claimed.Set(block);
        }

        _missing = _claimed.Count - _claimed.SetCount;
        _inherited = partial.Inherited;
        _hasher = new ContentHasher(item.Digest, _claimed, meter);
        meter.Present(partial.Inherited);
    }

    /// <summary>What is fetched.</summary>
    public TransferItem Item { get; }

    /// <summary>The right to fetch it.</summary>
    public BlobLease Lease { get; }

    /// <summary>Where its bytes are.</summary>
    public string PartialPath => _partial.Path;

    /// <summary>How many threads fetch it now.</summary>
    public int Active
    {
        get
        {
            lock (_gate)
                return _claims.Count;
        }
    }

    /// <summary>Whether every block has arrived.</summary>
    public bool IsWhole
    {
        get
        {
            lock (_gate)
                return _missing == 0 && !_restarting;
        }
    }

    /// <summary>Whether the source gives the content only from its start; one claim covers it all then.</summary>
    public bool IsSingleStream
    {
        get
        {
            lock (_gate)
                return _singleStream;
        }
    }

    /// <summary>Hands out blocks that nobody fetches; null when there are none just now.</summary>
    public Claim? TryClaim()
    {
        lock (_gate)
            return MayClaim() ? _claims.TryTake(all: _singleStream) : null;
    }

    /// <summary>Hands out half of what a stream would need long for; null where there is none such.</summary>
    public Claim? TrySplit()
    {
        lock (_gate)
            return MayClaim() && !_singleStream ? _claims.TrySplit() : null;
    }

    /// <summary>Up to where a claim goes; nearer than at first where another thread has taken the rest over.</summary>
    public long EndOf(Claim claim)
    {
        lock (_gate)
            return _claimed.EndOf(claim.EndBlock - 1);
    }

    /// <summary>
    /// Makes room for a claim where none is reserved yet: in a filesystem in memory, whose pages cost half as much when they are asked for together, and where to ask for all of a large
    /// file would take one thread a second before the first byte.
    /// </summary>
    /// <exception cref="IOException">There is no room.</exception>
    public void Reserve(Claim claim)
    {
        var start = (long)claim.NextBlock * BlockMap.BlockSize;
        if (_partial.IsInMemory && !IsSingleStream)
            PageCache.Reserve(_partial.File, start, EndOf(claim) - start);
    }

    /// <summary>Takes a piece that arrived: written, noted, and hashed as far as order allows.</summary>
    /// <param name="claim">What it is a piece of; it lies at the claim's position, and does not reach beyond its block.</param>
    /// <param name="piece">The bytes.</param>
    /// <param name="scratch">Space that may be overwritten afterwards; may be where <paramref name="piece"/> lies.</param>
    /// <returns>Whether to go on; false when the content starts over.</returns>
    public bool Take(Claim claim, ReadOnlySpan<byte> piece, Span<byte> scratch)
    {
        if (IsRestarting())
            return false;
        var start = claim.Position;
        // What was hashed already came over a connection that broke within the block: it stays as it was hashed, whatever the source says this time.
        if (start >= _hasher.Position)
            PageCache.Write(_partial.File, piece, start);
        claim.Position = start + piece.Length;
        _meter.Present(piece.Length);
        var isCheckpoint = claim.Position == _claimed.EndOf(claim.NextBlock) && BlockArrived(claim);
        _hasher.Offer(start, piece, scratch, _partial.Journal.IsWritten, _partial.File);
        if (claim.Position - claim.SentToDisk >= WritebackBytes)
            SendToDisk(claim);
        if (isCheckpoint)
            _partial.Journal.Checkpoint(_partial.File);
        return true;
    }

    /// <summary>Gives back what a claim did not fetch.</summary>
    /// <returns>Whether this was the last thread of a content that is whole now: the caller finishes it.</returns>
    public bool Release(Claim claim)
    {
        lock (_gate)
        {
            // A block that did not become whole will arrive once more.
            if (claim.NextBlock < claim.EndBlock)
                _meter.Present(((long)claim.NextBlock * BlockMap.BlockSize) - claim.Position);
            _claims.GiveBack(claim);
            if (_claims.Count == 0 && (_restarting || (_singleStream && _missing > 0)))
                StartOver();
            return _missing == 0 && _claims.Count == 0;
        }
    }

    /// <summary>Counts a failed try; starts from one again when a block arrives.</summary>
    /// <param name="now">A timestamp.</param>
    /// <returns>How many failed in a row; null during a pause, since connections that break together are one failure.</returns>
    public int? CountFailure(long now)
    {
        lock (_gate)
            return now < _pausedUntil ? null : ++_failures;
    }

    /// <summary>Hands out no blocks before a timestamp; a longer pause that stands already is kept.</summary>
    public void PauseUntil(long timestamp)
    {
        lock (_gate)
            _pausedUntil = Math.Max(timestamp, _pausedUntil ?? long.MinValue);
    }

    /// <summary>Hands out no blocks any more: the content can't be had, and the run ends.</summary>
    public void Close()
    {
        lock (_gate)
            _closed = true;
    }

    /// <summary>Starts the content over because it is not the one that it was; the second time is one too many.</summary>
    /// <returns>False when it was started over before.</returns>
    public bool TryRestart()
    {
        lock (_gate)
        {
            if (_restarting)
                return true;
            if (_restarts++ > 0)
                return false;
            _restarting = true;
            return true;
        }
    }

    /// <summary>Fetches from the start over one connection from now on: the source does not know ranges.</summary>
    public void FallBackToSingleStream()
    {
        lock (_gate)
        {
            if (_singleStream)
                return;
            _singleStream = true;
            _restarting = true;
        }
    }

    /// <summary>Hashes what is left.</summary>
    /// <returns>The digest in lower-case hexadecimal.</returns>
    public string FinishHash(Span<byte> buffer, CancellationToken cancellationToken) => _hasher.Finish(buffer, _partial.File, cancellationToken);

    /// <summary>After a wrong digest: starts over when some of the bytes came from an earlier run, which may have been the culprit.</summary>
    public bool TryRestartWithoutInheritance()
    {
        lock (_gate)
        {
            if (_inherited == 0)
                return false;
            StartOver();
            return true;
        }
    }

    /// <summary>Makes the bytes durable, and no byte more than the content has.</summary>
    public void Flush()
    {
        RandomAccess.SetLength(_partial.File, Item.Size);
        RandomAccess.FlushToDisk(_partial.File);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _partial.Dispose();
        _hasher.Dispose();
    }

    /// <summary>Notes that a claim's next block is whole.</summary>
    /// <returns>Whether a checkpoint is due.</returns>
    private bool BlockArrived(Claim claim)
    {
        var block = claim.NextBlock;
        _partial.Journal.MarkWritten(block);
        lock (_gate)
        {
            claim.NextBlock = block + 1;
            _missing--;
            if (!_singleStream || block > _furthest)
                _failures = 0;
            _furthest = Math.Max(_furthest, block);
            _sinceCheckpoint += BlockMap.BlockSize;
            if (_sinceCheckpoint < CheckpointBytes)
                return false;
            _sinceCheckpoint = 0;
            return true;
        }
    }

    private void SendToDisk(Claim claim)
    {
        PageCache.StartWriting(_partial.File, claim.SentToDisk, claim.Position - claim.SentToDisk);
        claim.SentToDisk = claim.Position;
    }

    private bool MayClaim() => !_closed && !_restarting && !(_singleStream && _claims.Count > 0) && !(_time.GetTimestamp() < _pausedUntil);

    private bool IsRestarting()
    {
        lock (_gate)
            return _restarting;
    }

    // Only while no thread fetches: what a late one wrote would survive the reset.
    private void StartOver()
    {
        for (var block = 0; block < _claimed.Count; block++)
        {
            if (_partial.Journal.IsWritten(block))
                _meter.Present(-(_claimed.EndOf(block) - ((long)block * BlockMap.BlockSize)));
        }

        _claimed.ClearAll();
        _partial.Journal.Reset();
        _hasher.Reset();
        _missing = _claimed.Count;
        _inherited = 0;
        _restarting = false;
    }
}
