using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Publishing;

namespace Stevedore.Fetcher.Locking;

/// <summary>What is known of another fetcher.</summary>
internal enum OwnerState
{
    /// <summary>It beats, or its time has not run out yet.</summary>
    Alive,

    /// <summary>It is dead and can never write again: its process ended on this very kernel.</summary>
    Gone,

    /// <summary>It was silent for the time-to-live; it may only be paused, and may wake up.</summary>
    Silent,
}

/// <summary>
/// Judges other fetchers by this process's own monotonic clock; no clocks are compared. Quick judgements are made only where they are sound: a process
/// id within the same boot and PID namespace, or a kernel lock on a local filesystem that both sides saw refused to a second handle. Another boot id proves
/// nothing: what is a local disk here may be somebody else's network mount.
/// </summary>
/// <param name="cache">The cache they share.</param>
/// <param name="ttl">After what silence an owner counts as dead, unless it says itself that it may be silent for longer.</param>
/// <param name="locksWork">Whether kernel locks were seen to work here.</param>
/// <param name="localFilesystem">Whether only this machine can reach the volume.</param>
/// <param name="time">Its timestamps are the clock.</param>
internal sealed class OwnerWatch(CacheLayout cache, TimeSpan ttl, bool locksWork, bool localFilesystem, TimeProvider time)
{
    private readonly Dictionary<string, (long Beat, long Since)> _lastSeen = [];
    private readonly Lock _gate = new();

    /// <summary>As somebody who beats too.</summary>
    public OwnerWatch(CacheLayout cache, Heartbeat self, bool localFilesystem, TimeProvider time)
        : this(cache, self.Ttl, self.LocksWork, localFilesystem, time)
    {
    }

    /// <summary>Judges an owner now; ask again later where it is <see cref="OwnerState.Alive"/>.</summary>
    public OwnerState Judge(string ownerId)
    {
        var path = Heartbeat.PathOf(cache, ownerId);
        if (OwnerRecord.TryRead(path) is not { } record)
        {
            // On a local filesystem an absent file is absent: somebody has removed it, whether its owner is dead or not. On a network one it may only not be seen yet.
            return localFilesystem && !File.Exists(path) ? OwnerState.Silent : WithoutQuickAnswer(ownerId, -1);
        }

        if (record.IsOfThisNamespace)
            return Machine.HasEnded(record.Pid, record.ProcessStart) ? OwnerState.Gone : WithoutQuickAnswer(ownerId, record.Beat, record.TtlSeconds);
        if (localFilesystem && locksWork && record is { IsLocked: true, IsOfThisBoot: true } && IsLockFree(path))
            return OwnerState.Gone;
        return WithoutQuickAnswer(ownerId, record.Beat, record.TtlSeconds);
    }

    /// <summary>Judges the maker of a lease that bears no name yet: all there is to go by is time.</summary>
    public OwnerState JudgeUnnamed(string lease) => WithoutQuickAnswer(lease, -1);

    /// <summary>Who an owner is, for a person.</summary>
    public string Describe(string ownerId) =>
        OwnerRecord.TryRead(Heartbeat.PathOf(cache, ownerId))?.Description ?? $"fetcher {ownerId}";

    private static bool IsLockFree(string path)
    {
        try
        {
            using var file = Libc.OpenPlain(path, writable: true);
            return file is not null && Libc.TryLock(file) == true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private OwnerState WithoutQuickAnswer(string ownerId, long beat, double ownTtlSeconds = 0)
    {
        lock (_gate)
        {
            if (!_lastSeen.TryGetValue(ownerId, out var seen) || seen.Beat != beat)
            {
                _lastSeen[ownerId] = (beat, time.GetTimestamp());
                return OwnerState.Alive;
            }

            return time.GetElapsedTime(seen.Since).TotalSeconds >= Math.Max(ttl.TotalSeconds, ownTtlSeconds) ? OwnerState.Silent : OwnerState.Alive;
        }
    }
}
