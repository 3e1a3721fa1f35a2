namespace Stevedore.Fetcher.Transfer;

/// <summary>A run of blocks that one thread fetches over one connection.</summary>
/// <param name="firstBlock">The first block.</param>
/// <param name="endBlock">One past the last block.</param>
/// <param name="now">When it was handed out; a timestamp.</param>
internal sealed class Claim(int firstBlock, int endBlock, long now)
{
    /// <summary>The first block.</summary>
    public int FirstBlock { get; } = firstBlock;

    /// <summary>The block that arrives next; those before it have arrived.</summary>
    public int NextBlock { get; set; } = firstBlock;

    /// <summary>One past the last block; comes nearer when another thread takes the rest over.</summary>
    public int EndBlock { get; set; } = endBlock;

    /// <summary>When it was handed out; a timestamp.</summary>
    public long Since => now;

    /// <summary>The byte that arrives next: the start of <see cref="NextBlock"/>, or within it.</summary>
    public long Position { get; set; } = (long)firstBlock * BlockMap.BlockSize;

    /// <summary>Up to where the kernel was told to write to the disk.</summary>
    public long SentToDisk { get; set; } = (long)firstBlock * BlockMap.BlockSize;
}
