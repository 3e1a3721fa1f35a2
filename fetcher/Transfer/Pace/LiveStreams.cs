namespace Stevedore.Fetcher.Transfer.Pace;

/// <summary>
/// All streams of a run. One that stays far below the others sits on a bad path or behind a sick server: it is cut, and what it has not brought is asked for
/// again over another connection. The last of a run are held against those that ended before them: nobody is left to compare them with, and one that crawls would hold up
/// the run for hours. A stream that brings nothing at all is its reader's to notice.
/// </summary>
/// <param name="time">Its timestamps are the clock.</param>
internal sealed class LiveStreams(TimeProvider time)
{
    private const int FewestToCompare = 3;
    private const int MostToRemember = 7;
    private const double FarBelow = 1.0 / 8;

    /// <summary>How much the newest look counts for.</summary>
    private const double Smoothing = 0.2;

    private static readonly TimeSpan OldEnough = TimeSpan.FromSeconds(5);

    /// <summary>One at a time: whether the path was to blame shows only with the next stream.</summary>
    private static readonly TimeSpan BetweenCuts = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly List<LiveStream> _streams = [];

    /// <summary>Bytes a second of those that ended last; good for one cut, since the whole way may have become slow since then.</summary>
    private readonly Queue<double> _ended = [];
    private long? _lastCut;

    /// <summary>A stream begins.</summary>
    /// <param name="content">What to close to make its reader let go.</param>
    /// <param name="isResumable">Whether another one could go on where it stopped; one that would have to begin anew is left to its pace.</param>
    public LiveStream Begin(IDisposable content, bool isResumable = true)
    {
        var stream = new LiveStream(content, time.GetTimestamp(), isResumable);
        lock (_gate)
            _streams.Add(stream);
        return stream;
    }

    /// <summary>A stream ended.</summary>
    public void End(LiveStream stream)
    {
        lock (_gate)
        {
            _streams.Remove(stream);
            if (stream.IsCut || stream.Bytes < BlockMap.BlockSize)
                return;
            if (_ended.Count == MostToRemember)
                _ended.Dequeue();
            _ended.Enqueue(stream.Bytes / Math.Max(time.GetElapsedTime(stream.Began).TotalSeconds, 0.001));
        }
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
        var old = _streams.Where(stream => stream.IsResumable && time.GetElapsedTime(stream.Began) >= OldEnough).OrderBy(stream => stream.Rate).ToList();
        if (old.Count == 0)
            return null;
        var others = _streams.Where(stream => stream != old[0]).Select(stream => stream.Rate).ToList();
        var isLeftBehind = others.Count < FewestToCompare;
        if (isLeftBehind)
            others.AddRange(_ended);
        others.Sort();
        if (others.Count < FewestToCompare || old[0].Rate >= others[others.Count / 2] * FarBelow)
            return null;
        if (isLeftBehind)
            _ended.Clear();
        return old[0];
    }
}
