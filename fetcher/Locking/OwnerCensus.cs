using Stevedore.Contract.Layout;

namespace Stevedore.Fetcher.Locking;

/// <summary>Tells the living from the dead among all owners at once; whoever can't be told at a glance is watched until it beats, or was silent for too long.</summary>
/// <param name="cache">The cache.</param>
/// <param name="watch">Judges one.</param>
/// <param name="ttl">After what silence an owner counts as dead, at least.</param>
/// <param name="time">The clock.</param>
internal sealed class OwnerCensus(CacheLayout cache, OwnerWatch watch, TimeSpan ttl, TimeProvider time)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(500);
    private readonly HashSet<string> _dead = [];

    /// <summary>Who was found dead.</summary>
    public IReadOnlySet<string> Dead => _dead;

    /// <summary>Judges owners; returns at once where each can be told at a glance, and after the longest time-to-live at the latest.</summary>
    public async Task TakeAsync(IEnumerable<string> owners, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var undecided = new Dictionary<string, long?>();
        foreach (var owner in owners.Distinct())
            undecided[owner] = Record(owner)?.Beat;
        while (true)
        {
            foreach (var (owner, firstBeat) in undecided.ToList())
            {
                if (watch.Judge(owner) != OwnerState.Alive)
                    _dead.Add(owner);
                else if (!IsSeenToLive(owner, firstBeat))
                    continue;
                undecided.Remove(owner);
            }

            if (undecided.Count == 0 || time.GetElapsedTime(started) > LongestTtl(undecided.Keys) + LookAgain + LookAgain)
                return;
            await Task.Delay(LookAgain, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Whether an owner must be taken for alive: also one that came after the census.</summary>
    public bool MayLive(string owner) => !_dead.Contains(owner) && watch.Judge(owner) == OwnerState.Alive;

    private bool IsSeenToLive(string owner, long? firstBeat) =>
        Record(owner) is { } record && (record.Beat != firstBeat || (record.IsOfThisNamespace && !Machine.HasEnded(record.Pid, record.ProcessStart)));

    private TimeSpan LongestTtl(IEnumerable<string> owners) =>
        owners.Select(owner => TimeSpan.FromSeconds(Math.Clamp(Record(owner)?.TtlSeconds ?? 0, 0, 3600))).Append(ttl).Max();

    private OwnerRecord? Record(string owner) => OwnerRecord.TryRead(Heartbeat.PathOf(cache, owner));
}
