using System.Diagnostics;
using System.Diagnostics.Metrics;
using Stevedore.Fetcher.Reporting;

namespace Stevedore.Fetcher.Telemetry;

/// <summary>
/// What a run counts, as instruments: they read the meter when they are asked, so that counting costs the transfer nothing more. No model, file or
/// address is ever a label.
/// </summary>
internal sealed class FetchInstruments : IDisposable
{
    /// <summary>The name of the meter and of the trace's source.</summary>
    public const string Name = "Stevedore.Fetcher";

    private readonly Meter _meter = new(Name);
    private readonly Histogram<double> _duration;

    /// <param name="counts">What is read.</param>
    /// <param name="elapsed">How long the run has been going on.</param>
    public FetchInstruments(FetchMeter counts, Func<TimeSpan> elapsed)
    {
        _meter.CreateObservableCounter("stevedore.fetch.received", () => counts.BytesReceived, "By", "Bytes that came over the wire, those that came twice counted twice");
        _meter.CreateObservableCounter("stevedore.fetch.verified", () => counts.BytesVerified, "By", "Bytes that went through a digest");
        _meter.CreateObservableCounter("stevedore.fetch.verification.time", () => counts.VerificationTime.TotalSeconds, "s", "How long threads were busy with digests, added up");
        _meter.CreateObservableCounter("stevedore.fetch.files", () => (long)counts.FilesPublished, "{file}", "Files that are published, those of earlier runs included");
        _meter.CreateObservableUpDownCounter("stevedore.fetch.wanted", () => counts.BytesWanted, "By", "Bytes of all files that the run needs");
        _meter.CreateObservableUpDownCounter("stevedore.fetch.present", () => counts.BytesPresent, "By", "Bytes of them that are on the disk");
        _meter.CreateObservableCounter(
            "stevedore.fetch.retries",
            () => Enum.GetValues<RetryCause>().Select(cause => new Measurement<long>(counts.RetriesFor(cause), new KeyValuePair<string, object?>("cause", Label(cause)))),
            "{retry}",
            "Tries that failed and were made again");
        _meter.CreateObservableCounter("stevedore.fetch.stalls", () => (long)counts.RetriesFor(RetryCause.Stalled), "{stall}", "Streams that were cut since nothing came");
        _meter.CreateObservableGauge("stevedore.fetch.goodput", () => Goodput(counts, elapsed()), "By/s", "Received bytes that are on the disk, by the time of the run");
        _duration = _meter.CreateHistogram(
            "stevedore.fetch.duration",
            "s",
            "From the start of a run to its end",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1, 5, 15, 30, 60, 120, 300, 600, 1200, 2400, 4800] });
    }

    /// <summary>Received bytes that are on the disk, a second.</summary>
    public static double Goodput(FetchMeter counts, TimeSpan elapsed) =>
        elapsed > TimeSpan.Zero ? Math.Max(0, Math.Min(counts.BytesReceived, counts.BytesPresent)) / elapsed.TotalSeconds : 0;

    /// <summary>How a cause is written as a label.</summary>
    public static string Label(RetryCause cause) => cause switch
    {
        RetryCause.Stalled => "stalled",
        RetryCause.Throttled => "throttled",
        RetryCause.ServerError => "server_error",
        RetryCause.Changed => "changed",
        _ => "broken",
    };

    /// <summary>Notes the end of the run.</summary>
    /// <param name="took">How long it was.</param>
    /// <param name="tags">How it ended; few values each.</param>
    public void Ended(TimeSpan took, in TagList tags) => _duration.Record(took.TotalSeconds, tags);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
