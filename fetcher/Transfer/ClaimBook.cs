namespace Stevedore.Fetcher.Transfer;

/// <summary>
/// Who fetches which blocks of one content. The lowest missing blocks are handed out first, so that most of them arrive in the order in which they are hashed. Not safe for
/// several threads; its owner holds a lock.
/// </summary>
/// <param name="claimed">Blocks that are there or being fetched.</param>
/// <param name="settings">How many streams there may be, and how long a request.</param>
/// <param name="time">Its timestamps are the clock.</param>
internal sealed class ClaimBook(BlockMap claimed, EngineSettings settings, TimeProvider time)
{
    /// <summary>16 MiB for a first request; more where they are brought quickly, since each costs a round trip and the store's time to look the file up.</summary>
    public const int BlocksAtFirst = 16;

    /// <summary>64 MiB for a request: what the fastest streams of object stores bring in less than a second.</summary>
    public const int MostBlocks = 64;

    /// <summary>A claim of which less is left is not split: a connection's start would cost more than is gained.</summary>
    private const int FewestToSplit = 4;

    /// <summary>A request that takes less time is followed by a longer one.</summary>
    private static readonly TimeSpan ShortRequest = TimeSpan.FromSeconds(2);

    /// <summary>A claim that is done sooner than this is not split.</summary>
    private static readonly TimeSpan SoonDone = TimeSpan.FromSeconds(2);

    private readonly List<Claim> _claims = [];
    private int _blocksAClaim = Math.Min(BlocksAtFirst, settings.MostBlocksAClaim);

    /// <summary>Claims that are being fetched.</summary>
    public int Count => _claims.Count;

    /// <summary>Hands out the lowest blocks that nobody fetches; null when there are none.</summary>
    /// <param name="all">Whether all that is left is to come over one connection.</param>
    public Claim? TryTake(bool all)
    {
        var first = claimed.NextClear(0);
        if (first == claimed.Count)
            return null;
        var end = first;
        var most = all ? claimed.Count : first + BlocksOfNext();
        while (end < claimed.Count && end < most && !claimed[end])
            claimed.Set(end++);
        return Add(new Claim(first, end, time.GetTimestamp()));
    }

    /// <summary>Takes over the second half of what the slowest stream has still to bring; null where none would take long enough for that.</summary>
    public Claim? TrySplit()
    {
        var slowest = _claims.Where(claim => claim.EndBlock - claim.NextBlock >= FewestToSplit).MaxBy(Remaining);
        if (slowest is null || Remaining(slowest) < SoonDone)
            return null;
        // Its reader is somewhere in its next block, and looks at the end after each.
        var middle = slowest.NextBlock + 1 + ((slowest.EndBlock - slowest.NextBlock) / 2);
        var rest = new Claim(middle, slowest.EndBlock, time.GetTimestamp());
        slowest.EndBlock = middle;
        return Add(rest);
    }

    /// <summary>Takes a claim back, with the blocks of it that did not arrive.</summary>
    public void GiveBack(Claim claim)
    {
        for (var block = claim.NextBlock; block < claim.EndBlock; block++)
            claimed.Clear(block);
        _claims.Remove(claim);
        if (claim.NextBlock == claim.EndBlock && time.GetElapsedTime(claim.Since) < ShortRequest)
            _blocksAClaim = Math.Min(settings.MostBlocksAClaim, Math.Max(_blocksAClaim, 2 * (claim.EndBlock - claim.FirstBlock)));
    }

    /// <summary>Shorter towards the end, so that the streams end together.</summary>
    private int BlocksOfNext() =>
        Math.Clamp((claimed.Count - claimed.SetCount) / (2 * settings.Connections), Math.Min(BlocksAtFirst, _blocksAClaim), _blocksAClaim);

    /// <summary>By what it brought so far; nothing is known of a stream that has just begun.</summary>
    private TimeSpan Remaining(Claim claim)
    {
        var elapsed = time.GetElapsedTime(claim.Since);
        if (elapsed < SoonDone)
            return TimeSpan.Zero;
        var done = Math.Max(1, claim.Position - ((long)claim.FirstBlock * BlockMap.BlockSize));
        return elapsed * Math.Min(1000, (double)(claimed.EndOf(claim.EndBlock - 1) - claim.Position) / done);
    }

    private Claim Add(Claim claim)
    {
        _claims.Add(claim);
        return claim;
    }
}
