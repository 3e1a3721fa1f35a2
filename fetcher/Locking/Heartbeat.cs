using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Publishing;

namespace Stevedore.Fetcher.Locking;

/// <summary>
/// This fetcher's sign of life: one file, rewritten every sixth of the time-to-live while leases are held. It also holds a kernel lock, as a hint for
/// waiters on the same machine; nothing rests on that lock.
/// </summary>
internal sealed class Heartbeat : IDisposable
{
    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private OwnerRecord _record;
    private long _lastBeat;
    private bool _stopped;
    private volatile bool _lost;

    private Heartbeat(string path, SafeFileHandle file, OwnerRecord record, TimeSpan ttl, TimeProvider time)
    {
        _path = path;
        _file = file;
        _record = record;
        _time = time;
        Ttl = ttl;
        LocksWork = Libc.TryLock(file) == true && IsRefusedToASecondHandle(path);
        Write();
        _timer = time.CreateTimer(_ => Beat(), null, ttl / 6, ttl / 6);
    }

    /// <summary>The fetcher's own name.</summary>
    public string Id => _record.Id;

    /// <summary>After what silence this fetcher counts as dead.</summary>
    public TimeSpan Ttl { get; }

    /// <summary>Whether the kernel refused a second lock on this very file, so that a granted one means a dead holder.</summary>
    public bool LocksWork { get; }

    /// <summary>
    /// Whether others must still count this fetcher as alive. Once it was silent for the time-to-live it has lost its leases for good, although it may beat
    /// again: it must publish nothing and take nothing.
    /// </summary>
    public bool IsFresh
    {
        get
        {
            if (_time.GetElapsedTime(Interlocked.Read(ref _lastBeat)) >= Ttl)
                _lost = true;
            return !_stopped && !_lost;
        }
    }

    /// <summary>Starts beating in a cache.</summary>
    public static Heartbeat Start(CacheLayout cache, TimeSpan ttl, TimeProvider time)
    {
        var id = Guid.NewGuid().ToString("N")[..16];
        var record = new OwnerRecord(
            id, Environment.MachineName, Machine.BootId, Machine.PidNamespace, Environment.ProcessId, Machine.StartOf(Environment.ProcessId) ?? "", 0);
        WorldReadable.MakeFolder(cache.Fetchers);
        var path = PathOf(cache, id);
        return new Heartbeat(path, WorldReadable.Create(path), record, ttl, time);
    }

    /// <summary>Where a fetcher beats.</summary>
    public static string PathOf(CacheLayout cache, string id) => Path.Combine(cache.Fetchers, id + ".json");

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

    // A beat that fails (a full disk, a server that is away) is no reason to stop: IsFresh turns false by itself when it lasts.
    private void Beat()
    {
        lock (_gate)
        {
            if (_stopped || !IsFresh)
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
        var json = JsonSerializer.SerializeToUtf8Bytes(_record, OwnerRecordJson.Default.OwnerRecord);
        RandomAccess.Write(_file, json, 0);
        RandomAccess.SetLength(_file, json.Length);
        RandomAccess.FlushToDisk(_file);
        Interlocked.Exchange(ref _lastBeat, now);
    }
}
