using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Stevedore.Contract;
using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Publishing;

namespace Stevedore.Fetcher.Locking;

/// <summary>
/// This fetcher's sign of life: one file, rewritten every sixth of the time-to-live while leases are held. It also holds a kernel lock, as a hint for
/// waiters on the same machine; nothing rests on that lock.
/// </summary>
internal sealed class Heartbeat : IDisposable
{
    // One write of one size: a reader never sees the end of an older record behind a newer one, and the disk need not find room for it again.
    private const int RecordLength = 512;

    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly bool _isLocal;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _lost = new();
    private OwnerRecord _record;
    private long _lastBeat;
    private bool _stopped;

    private Heartbeat(string path, SafeFileHandle file, OwnerRecord record, TimeSpan ttl, bool isLocal, TimeProvider time)
    {
        _path = path;
        _file = file;
        _isLocal = isLocal;
        _time = time;
        Ttl = ttl;
        _record = record with { IsLocked = Libc.TryLock(file) == true && IsRefusedToASecondHandle(path) };
        Write();
        _timer = time.CreateTimer(_ => Beat(), null, ttl / 6, ttl / 6);
    }

    /// <summary>The fetcher's own name.</summary>
    public string Id => _record.Id;

    /// <summary>After what silence this fetcher counts as dead.</summary>
    public TimeSpan Ttl { get; }

    /// <summary>Whether the kernel refused a second lock on this very file, so that a granted one means a dead holder.</summary>
    public bool LocksWork => _record.IsLocked;

    /// <summary>
    /// Whether others may count this fetcher as dead. Once it was silent for the time-to-live it has lost its leases for good, although it may beat again: it
    /// must publish nothing and take nothing.
    /// </summary>
    public bool IsLost
    {
        get
        {
            if (!_lost.IsCancellationRequested && _time.GetElapsedTime(Interlocked.Read(ref _lastBeat)) >= Ttl)
                _lost.Cancel();
            return _lost.IsCancellationRequested;
        }
    }

    /// <summary>Cancelled when <see cref="IsLost"/> turns true: work under the leases stops, also in the middle of a transfer.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Starts beating in a cache.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="ttl">After what silence this fetcher counts as dead.</param>
    /// <param name="time">Its timestamps are the clock.</param>
    public static Heartbeat Start(CacheLayout cache, TimeSpan ttl, TimeProvider time)
    {
        var id = Guid.NewGuid().ToString("N")[..16];
        var record = new OwnerRecord(
            id, Environment.MachineName, Machine.BootId, Machine.PidNamespace, Environment.ProcessId, Machine.StartOf(Environment.ProcessId) ?? "", 0, ttl.TotalSeconds);
        WorldReadable.MakeFolder(cache.Fetchers);
        var path = PathOf(cache, id);
        return new Heartbeat(path, WorldReadable.Create(path), record, ttl, FilesystemKind.IsLocal(path), time);
    }

    /// <summary>Where a fetcher beats.</summary>
    public static string PathOf(CacheLayout cache, string id) => Path.Combine(cache.Fetchers, id + ".json");

    /// <summary>Ends a run whose leases are lost.</summary>
    /// <exception cref="FetchException">75: this fetcher was silent for so long that others count it as dead.</exception>
    public void ThrowIfLost()
    {
        if (!IsLost)
            return;
        throw new FetchException(
            ExitCode.GaveUpWaiting,
            $"This fetcher was paused, or could not write to the cache, for more than {Ttl.TotalSeconds:0} s, so that others may have taken its work over; start it again.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            _timer.Dispose();
            File.Delete(_path);
            _file.Dispose();
        }
    }

    private static bool IsRefusedToASecondHandle(string path)
    {
        using var second = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        return Libc.TryLock(second) == false;
    }

    // A beat that fails (a full disk, a server that is away) is no reason to stop: IsLost turns true by itself when it lasts.
    private void Beat()
    {
        lock (_gate)
        {
            if (_stopped || IsLost)
                return;
            try
            {
                Write();
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
            }
        }
    }

    private void Write()
    {
        var now = _time.GetTimestamp();
        _record = _record with { Beat = _record.Beat + 1 };
        var record = new byte[RecordLength];
        record.AsSpan().Fill((byte)' ');
        JsonSerializer.SerializeToUtf8Bytes(_record, OwnerRecordJson.Default.OwnerRecord).CopyTo(record.AsSpan());
        RandomAccess.Write(_file, record, 0);

        // Other processes of this machine read what was written; making it durable can take longer than the time-to-live behind gigabytes that are not.
        if (!_isLocal)
            RandomAccess.FlushToDisk(_file);
        Interlocked.Exchange(ref _lastBeat, now);
    }
}
