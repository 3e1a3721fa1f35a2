namespace Stevedore.Fetcher.Telemetry;

/// <summary>What is exported: nothing, unless the environment names a collector.</summary>
/// <param name="Traces">Whether the run's trace is.</param>
/// <param name="Metrics">Whether its metrics are.</param>
internal readonly record struct TelemetryChoice(bool Traces, bool Metrics)
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Whether anything is.</summary>
    public bool IsAnything => Traces || Metrics;

    /// <summary>
    /// Reads OpenTelemetry's own variables. Unlike its SDKs, an endpoint has to be named: nobody is to find a collector that was not asked for at
    /// localhost.
    /// </summary>
    /// <param name="environment">Reads an environment variable.</param>
    public static TelemetryChoice From(Func<string, string?> environment)
    {
        if (string.Equals(environment("OTEL_SDK_DISABLED")?.Trim(), "true", StringComparison.OrdinalIgnoreCase))
            return default;
        return new TelemetryChoice(Is("TRACES"), Is("METRICS"));

        bool Is(string signal) =>
            (IsSet(Endpoint) || IsSet($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"))
            && !string.Equals(environment($"OTEL_{signal}_EXPORTER")?.Trim(), "none", StringComparison.OrdinalIgnoreCase);

        bool IsSet(string name) => !string.IsNullOrWhiteSpace(environment(name));
    }
}
