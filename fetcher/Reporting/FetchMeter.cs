namespace Stevedore.Fetcher.Reporting;

/// <summary>What a run has done so far: counted by the engine's threads, read by whoever shows progress.</summary>
internal sealed class FetchMeter
{
    private long _bytesWanted;
    private long _bytesPresent;
    private long _bytesReceived;
    private long _bytesVerified;
    private int _filesWanted;
    private int _filesPublished;
    private readonly int[] _retries = new int[Enum.GetValues<RetryCause>().Length];
    private long _verificationTicks;
    private volatile string? _waitingFor;

    /// <summary>Bytes of all files that the run needs, present or not.</summary>
    public long BytesWanted => Interlocked.Read(ref _bytesWanted);

    /// <summary>Bytes that are on disk: published before, kept from an interrupted run, or received by now.</summary>
    public long BytesPresent => Interlocked.Read(ref _bytesPresent);

    /// <summary>Bytes that this run received over the wire, those received twice counted twice.</summary>
    public long BytesReceived => Interlocked.Read(ref _bytesReceived);

    /// <summary>Bytes that went through a digest.</summary>
    public long BytesVerified => Interlocked.Read(ref _bytesVerified);

    /// <summary>Files that the run needs.</summary>
    public int FilesWanted => Volatile.Read(ref _filesWanted);

    /// <summary>Files that are published.</summary>
    public int FilesPublished => Volatile.Read(ref _filesPublished);

    /// <summary>How long threads were busy with digests, added up.</summary>
    public TimeSpan VerificationTime => TimeSpan.FromTicks(Interlocked.Read(ref _verificationTicks));

    /// <summary>Tries that failed and were made again.</summary>
    public int Retries => Enum.GetValues<RetryCause>().Sum(RetriesFor);

    /// <summary>Those of them for one cause.</summary>
    public int RetriesFor(RetryCause cause) => Volatile.Read(ref _retries[(int)cause]);

    /// <summary>Whom the run waits for, in words; null while it works.</summary>
    public string? WaitingFor
    {
        get => _waitingFor;
        set => _waitingFor = value;
    }

    /// <summary>Counts files and bytes that a model needs.</summary>
    public void Want(int files, long bytes)
    {
        Interlocked.Add(ref _filesWanted, files);
        Interlocked.Add(ref _bytesWanted, bytes);
    }

    /// <summary>Counts bytes that came to be on disk (negative when they were thrown away).</summary>
    public void Present(long bytes) => Interlocked.Add(ref _bytesPresent, bytes);

    /// <summary>Counts bytes that came over the wire.</summary>
    public void Received(long bytes) => Interlocked.Add(ref _bytesReceived, bytes);

    /// <summary>Counts bytes that were hashed.</summary>
    /// <param name="bytes">How many.</param>
    /// <param name="took">How long the thread was busy with them.</param>
    public void Verified(long bytes, TimeSpan took)
    {
        Interlocked.Add(ref _bytesVerified, bytes);
        Interlocked.Add(ref _verificationTicks, took.Ticks);
    }

    /// <summary>Counts published files.</summary>
    public void Published(int files) => Interlocked.Add(ref _filesPublished, files);

    /// <summary>Counts one failed try.</summary>
    public void Retry(RetryCause cause) => Interlocked.Increment(ref _retries[(int)cause]);
}
