using System.Diagnostics;
using System.Reflection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Stevedore.Contract;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Reporting;

namespace Stevedore.Fetcher.Telemetry;

/// <summary>
/// One run for an OpenTelemetry collector: its metrics, and a trace of one span with the run's phases below it. Exporters read the standard
/// <c>OTEL_*</c> variables themselves. Nothing here may fail or hold up a run.
/// </summary>
internal sealed class FetchTelemetry : IDisposable
{
    private const string Service = "stevedore-fetcher";

    // Where a run belongs to somebody's trace already (the environment carries what headers do elsewhere).
    private const string Parent = "TRACEPARENT";
    private const string ParentState = "TRACESTATE";

    private readonly FetchMeter _counts;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly string _schemes;
    private readonly FetchInstruments _instruments;
    private readonly TracerProvider? _traces;
    private readonly MeterProvider? _metrics;
    private readonly Activity? _run;

    private FetchTelemetry(TelemetryChoice choice, Func<string, string?> environment, IReadOnlyList<ModelReference> references, FetchMeter counts)
    {
        _counts = counts;
        _schemes = string.Join(',', references.Select(reference => reference.Scheme).Distinct().Order(StringComparer.Ordinal));
        _instruments = new FetchInstruments(counts, () => Stopwatch.GetElapsedTime(_started));
        // The environment last: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES know better.
        var resource = ResourceBuilder.CreateEmpty()
            .AddTelemetrySdk()
            .AddService(Service, serviceVersion: Version(), autoGenerateServiceInstanceId: true)
            .AddEnvironmentVariableDetector();
        if (choice.Traces)
            _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(FetchInstruments.Name).AddOtlpExporter().Build();
        if (choice.Metrics)
            _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(FetchInstruments.Name).AddOtlpExporter().Build();

        _ = ActivityContext.TryParse(environment(Parent), environment(ParentState), isRemote: true, out var parent);
        _run = FetchTrace.Run(parent);
        _run?.SetTag("stevedore.references", references.Select(reference => reference.ToString()).ToArray());
    }

    /// <summary>Starts, if the environment names a collector; null if not, and where what it names can't be used.</summary>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="references">What is fetched.</param>
    /// <param name="counts">What the run counts.</param>
    /// <param name="warn">Says why there is no telemetry although it was asked for.</param>
    public static FetchTelemetry? Start(
        Func<string, string?> environment, IReadOnlyList<ModelReference> references, FetchMeter counts, Action<string> warn)
    {
        var choice = TelemetryChoice.From(environment);
        if (!choice.IsAnything)
            return null;
        try
        {
            return new FetchTelemetry(choice, environment, references, counts);
        }
        catch (Exception unusable) when (unusable is ArgumentException or FormatException or InvalidOperationException or NotSupportedException or IOException)
        {
            warn($"No telemetry is sent: what the OTEL_ variables say can't be used ({unusable.Message}); mend or unset them.");
            return null;
        }
    }

    /// <summary>Notes how the run ended and sends what there is, for no longer than a while: a collector that is down holds no pod back.</summary>
    /// <param name="code">The exit code.</param>
    /// <param name="sentence">Why it failed, fit to be seen; null where it did not.</param>
    /// <param name="patience">How long that may take.</param>
    public void End(ExitCode code, string? sentence, TimeSpan patience)
    {
        var took = Stopwatch.GetElapsedTime(_started);
        var outcome = code.ToString();
        _instruments.Ended(took, new TagList { { "outcome", outcome }, { "source", _schemes } });
        if (_run is not null)
        {
            _run.SetTag("process.exit.code", (int)code);
            _run.SetTag("stevedore.outcome", outcome);
            _run.SetTag("stevedore.bytes.wanted", _counts.BytesWanted);
            _run.SetTag("stevedore.bytes.received", _counts.BytesReceived);
            _run.SetTag("stevedore.files", _counts.FilesPublished);
            _run.SetTag("stevedore.retries", _counts.Retries);
            _run.SetTag("stevedore.goodput", FetchInstruments.Goodput(_counts, took));
            _run.SetStatus(code == ExitCode.Done ? ActivityStatusCode.Ok : ActivityStatusCode.Error, sentence);
            _run.Stop();
        }

        Flush(patience);
    }

    /// <summary>Lets go of the instruments. The exporters are left to the process's end: disposing of one waits for its collector.</summary>
    public void Dispose()
    {
        _run?.Dispose();
        _instruments.Dispose();
    }

    /// <summary>Each on a thread of its own, so that one endpoint that hangs doesn't take the other's figures along; what hangs ends with the process.</summary>
    private void Flush(TimeSpan patience)
    {
        var milliseconds = (int)patience.TotalMilliseconds;
        Thread[] threads = [new(() => _traces?.Shutdown(milliseconds)), new(() => _metrics?.Shutdown(milliseconds))];
        foreach (var thread in threads)
        {
            thread.IsBackground = true;
            thread.Start();
        }

        var started = Stopwatch.GetTimestamp();
        foreach (var thread in threads)
        {
            var left = patience - Stopwatch.GetElapsedTime(started);
            thread.Join(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }
    }

    private static string Version() =>
        typeof(FetchTelemetry).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
}
