using Stevedore.Fetcher.Reporting;

namespace Stevedore.Fetcher.Transfer.Pace;

/// <summary>Looks at a run twice a second, and says how many streams it may have; cuts those that lag.</summary>
/// <param name="most">Streams at most.</param>
/// <param name="cores">Processors' worth of time that the run may use.</param>
/// <param name="streams">The streams.</param>
/// <param name="meter">What they brought.</param>
/// <param name="time">Its timestamps are the clock.</param>
internal sealed class PaceMaker(int most, double cores, LiveStreams streams, FetchMeter meter, TimeProvider time)
{
    /// <summary>How long to wait between two looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>One connection breaks for many reasons; several at once break because somebody has too many.</summary>
    private const int TogetherBroken = 2;

    private readonly StreamCount _count = new(most);
    private long _since = time.GetTimestamp();
    private long _received = meter.BytesReceived;
    private int _throttled = meter.RetriesFor(RetryCause.Throttled);
    private int _broken = meter.RetriesFor(RetryCause.Broken);
    private TimeSpan _processor = Environment.CpuUsage.TotalTime;

    /// <summary>Streams that may run now.</summary>
    public int Streams => _count.Current;

    /// <summary>Takes a look.</summary>
    /// <param name="isUsedUp">Whether as many streams run as may.</param>
    public void Look(bool isUsedUp)
    {
        var elapsed = time.GetElapsedTime(_since);
        var (received, processor) = (meter.BytesReceived, Environment.CpuUsage.TotalTime);
        var (throttled, broken) = (meter.RetriesFor(RetryCause.Throttled), meter.RetriesFor(RetryCause.Broken));
        streams.Look(elapsed);
        if (throttled > _throttled || broken - _broken >= TogetherBroken)
            _count.Overloaded();
        else if (elapsed > TimeSpan.Zero)
            _count.Observe((received - _received) / elapsed.TotalSeconds, isUsedUp, (processor - _processor) / elapsed / cores);
        (_since, _received, _processor, _throttled, _broken) = (time.GetTimestamp(), received, processor, throttled, broken);
    }
}
