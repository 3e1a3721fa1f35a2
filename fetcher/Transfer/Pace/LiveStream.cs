namespace Stevedore.Fetcher.Transfer.Pace;

/// <summary>One stream that is being read, seen from outside.</summary>
/// <param name="content">What to close to make its reader let go.</param>
/// <param name="now">When it began; a timestamp.</param>
/// <param name="isResumable">Whether another one could go on where it stopped.</param>
internal sealed class LiveStream(IDisposable content, long now, bool isResumable)
{
    private long _bytes;
    private volatile bool _isCut;

    /// <summary>When it began; a timestamp.</summary>
    public long Began => now;

    /// <summary>Whether another one could go on where it stopped.</summary>
    public bool IsResumable => isResumable;

    /// <summary>Bytes that came so far.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>What had come at the last look.</summary>
    public long BytesSeen { get; set; }

    /// <summary>Bytes a second, over the last few looks.</summary>
    public double Rate { get; set; }

    /// <summary>Whether it was ended from outside: what its reader gets then is of no use.</summary>
    public bool IsCut => _isCut;

    /// <summary>Counts bytes that came.</summary>
    public void Arrived(int bytes) => Interlocked.Add(ref _bytes, bytes);

    /// <summary>Makes the reader let go.</summary>
    public void Cut()
    {
        _isCut = true;
        content.Dispose();
    }
}
