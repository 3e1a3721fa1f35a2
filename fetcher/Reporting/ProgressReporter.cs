using System.Text.Json;
using System.Text.Json.Serialization;
using Stevedore.Contract.CommandLine;

namespace Stevedore.Fetcher.Reporting;

/// <summary>Shows a run's progress on stderr, beside its warnings; also the place where those are said.</summary>
internal sealed class ProgressReporter : IRunLog, IDisposable
{
    private const double Smoothing = 0.3;
    private const string ClearLine = "\r\u001b[K";

    private readonly ProgressStyle _style;
    private readonly FetchMeter _meter;
    private readonly TextWriter _output;
    private readonly Scrubber _scrubber;
    private readonly TimeProvider _time;
    private readonly int _width;
    private readonly Lock _gate = new();
    private readonly long _started;
    private readonly ITimer? _timer;
    private long _lastLook;
    private long _lastReceived;
    private double _speed;
    private bool _barStands;
    private bool _isClosed;

    /// <param name="style">Not <see cref="ProgressStyle.Auto"/>: see <see cref="Choose"/>.</param>
    /// <param name="meter">What is shown.</param>
    /// <param name="output">Usually stderr.</param>
    /// <param name="scrubber">The last gate.</param>
    /// <param name="time">When to look.</param>
    /// <param name="width">Columns of the terminal.</param>
    public ProgressReporter(ProgressStyle style, FetchMeter meter, TextWriter output, Scrubber scrubber, TimeProvider time, int width)
    {
        (_style, _meter, _output, _scrubber, _time, _width) = (style, meter, output, scrubber, time, width);
        _started = _lastLook = time.GetTimestamp();
        var every = style == ProgressStyle.Bar ? TimeSpan.FromMilliseconds(200) : TimeSpan.FromSeconds(5);
        if (style is ProgressStyle.Bar or ProgressStyle.Plain or ProgressStyle.Json)
            _timer = time.CreateTimer(_ => Show(), null, every, every);
    }

    /// <summary>What <c>auto</c> means: a bar on a terminal that can redraw a line, lines elsewhere.</summary>
    public static ProgressStyle Choose(ProgressStyle asked, bool isTerminal, string? term) => asked != ProgressStyle.Auto ? asked
        : isTerminal && term is not (null or "" or "dumb") ? ProgressStyle.Bar : ProgressStyle.Plain;

    /// <inheritdoc/>
    public void Info(string sentence)
    {
        if (_style != ProgressStyle.None)
            Say("note", sentence);
    }

    /// <inheritdoc/>
    public void Warn(string sentence) => Say("warning", sentence);

    /// <summary>What somebody asked for who looks for a fault; shown in every style.</summary>
    public void Debug(string text) => Say("debug", text);

    /// <summary>The last word on a run.</summary>
    public void Fail(string sentence) => Say("error", sentence);

    /// <summary>Sums a run up.</summary>
    public void Close()
    {
        if (_style == ProgressStyle.None)
            return;
        var seconds = _time.GetElapsedTime(_started).TotalSeconds;
        var reused = Math.Max(0, _meter.BytesPresent - _meter.BytesReceived);
        var line = Look();
        if (_style == ProgressStyle.Json)
            Write(Json("done", line, seconds, null));
        else
            Write($"done: {Mebibytes(_meter.BytesReceived)} MiB fetched, {Mebibytes(reused)} MiB were there, {Mebibytes(_meter.BytesVerified)} MiB verified, {seconds:0.0} s");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer?.Dispose();
        lock (_gate)
        {
            TakeBarAway();
            _isClosed = true;
        }
    }

    private void Show()
    {
        var line = Look();
        switch (_style)
        {
            case ProgressStyle.Json:
                Write(Json("progress", line, _time.GetElapsedTime(_started).TotalSeconds, null));
                break;
            case ProgressStyle.Plain:
                Write(line.Text);
                break;
            case ProgressStyle.Bar:
                DrawBar(line);
                break;
        }
    }

    private ProgressLine Look()
    {
        lock (_gate)
        {
            var elapsed = _time.GetElapsedTime(_lastLook).TotalSeconds;
            var received = _meter.BytesReceived;
            if (elapsed > 0.05)
            {
                var now = (received - _lastReceived) / elapsed;
                _speed = _speed == 0 ? now : (Smoothing * now) + ((1 - Smoothing) * _speed);
                (_lastLook, _lastReceived) = (_time.GetTimestamp(), received);
            }

            return new ProgressLine(
                _meter.BytesPresent, _meter.BytesWanted, _meter.BytesVerified, received, _meter.FilesPublished, _meter.FilesWanted, _meter.Retries, _speed,
                _meter.WaitingFor);
        }
    }

    private void Say(string kind, string sentence)
    {
        var clean = _scrubber.Clean(sentence);
        Write(_style == ProgressStyle.Json ? Json(kind, Look(), _time.GetElapsedTime(_started).TotalSeconds, clean) : $"{kind}: {clean}");
    }

    private void Write(string text)
    {
        lock (_gate)
        {
            TakeBarAway();
            TryWrite(text + "\n");
        }
    }

    private void DrawBar(ProgressLine line)
    {
        const int cells = 24;
        var filled = (int)(line.Fraction * cells);
        var text = $"[{new string('#', filled)}{new string('.', cells - filled)}] {line.Text}";
        lock (_gate)
        {
            // The timer's last call may still be under way.
            if (_isClosed)
                return;
            TryWrite(ClearLine + (text.Length < _width ? text : text[..Math.Max(0, _width - 1)]));
            _barStands = true;
        }
    }

    private void TakeBarAway()
    {
        if (_barStands)
            TryWrite(ClearLine);
        _barStands = false;
    }

    // A closed stderr is nobody's loss.
    private void TryWrite(string text)
    {
        try
        {
            _output.Write(text);
            _output.Flush();
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
        }
    }

    private static string Json(string kind, ProgressLine line, double seconds, string? message) => JsonSerializer.Serialize(
        new ProgressEvent(
            kind, message, line.Present, line.Wanted, line.Received, line.Verified, line.Files, line.FilesWanted, line.Retries, (long)line.BytesPerSecond,
            Math.Round(seconds, 3), line.WaitingFor),
        ProgressJson.Default.ProgressEvent);

    private static string Mebibytes(long bytes) => (bytes / (double)(1 << 20)).ToString("0.0");
}

/// <summary>A line of <c>--progress json</c>; the names are stable. <c>Event</c> is <c>progress</c>, <c>note</c>, <c>warning</c>, <c>error</c>, <c>debug</c> or <c>done</c>.</summary>
internal sealed record ProgressEvent(
    string Event, string? Message, long BytesPresent, long BytesWanted, long BytesReceived, long BytesVerified, int FilesPublished, int FilesWanted, int Retries,
    long BytesPerSecond, double ElapsedSeconds, string? WaitingFor);

/// <summary>Written without reflection, for NativeAOT.</summary>
[JsonSerializable(typeof(ProgressEvent))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class ProgressJson : JsonSerializerContext;
