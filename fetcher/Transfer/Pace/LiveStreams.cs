namespace Stevedore.Fetcher.Transfer.Pace;

/// <summary>
/// All streams of a run. One that stays far below the others sits on a bad path or behind a sick server: it is cut, and what it has not brought is asked for
/// again over another connection. A stream that brings nothing at all is its reader's to notice.
/// </summary>
/// <param name="time">Its timestamps are the clock.</param>
internal sealed class LiveStreams(TimeProvider time)
{
    private const int FewestToCompare = 3;
    private const double FarBelow = 1.0 / 8;

    /// <summary>How much the newest look counts for.</summary>
    private const double Smoothing = 0.2;

    private static readonly TimeSpan OldEnough = TimeSpan.FromSeconds(5);

    /// <summary>One at a time: whether the path was to blame shows only with the next stream.</summary>
    private static readonly TimeSpan BetweenCuts = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly List<LiveStream> _streams = [];
    private long? _lastCut;

    /// <summary>A stream begins.</summary>
    public LiveStream Begin(IDisposable content)
    {
        var stream = new LiveStream(content, time.GetTimestamp());
        lock (_gate)
            _streams.Add(stream);
        return stream;
    }

    /// <summary>A stream ended.</summary>
    public void End(LiveStream stream)
    {
        lock (_gate)
            _streams.Remove(stream);
    }

    /// <summary>Takes a look: updates the rates, and cuts one that is far below the others.</summary>
    /// <param name="elapsed">Since the last look.</param>
    public void Look(TimeSpan elapsed)
    {
        LiveStream? slow;
        lock (_gate)
        {
            foreach (var stream in _streams)
            {
                var bytes = stream.Bytes;
                var rate = (bytes - stream.BytesSeen) / Math.Max(elapsed.TotalSeconds, 0.001);
                stream.Rate = stream.BytesSeen == 0 ? rate : stream.Rate + (Smoothing * (rate - stream.Rate));
                stream.BytesSeen = bytes;
            }

            slow = _lastCut is { } cut && time.GetElapsedTime(cut) < BetweenCuts ? null : Slow();
            if (slow is not null)
                _lastCut = time.GetTimestamp();
        }

        slow?.Cut();
    }

    private LiveStream? Slow()
    {
        var old = _streams.Where(stream => time.GetElapsedTime(stream.Began) >= OldEnough).OrderBy(stream => stream.Rate).ToList();
        if (old.Count == 0)
            return null;
        var others = _streams.Where(stream => stream != old[0]).Select(stream => stream.Rate).Order().ToList();
        return others.Count >= FewestToCompare && old[0].Rate < others[others.Count / 2] * FarBelow ? old[0] : null;
    }
}
