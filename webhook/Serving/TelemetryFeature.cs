using OpenTelemetry.Metrics;

namespace Stevedore.Webhook.Serving;

/// <summary>Registers logs and metrics.</summary>
internal static class TelemetryFeature
{
    /// <summary>The meter that all of the webhook's metrics belong to.</summary>
    public const string MeterName = "Stevedore.Webhook";

    /// <summary>One line an event: JSON for machines, plain where a person looks on. <c>Logging__LogLevel__Default=Debug</c> shows every review.</summary>
    public static void AddOneLineLogs(this WebApplicationBuilder builder)
    {
        builder.Configuration.AddEnvironmentVariables();
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        if (Console.IsOutputRedirected)
            builder.Logging.AddJsonConsole(o => (o.UseUtcTimestamp, o.TimestampFormat) = (true, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
        else
            builder.Logging.AddSimpleConsole(o => (o.SingleLine, o.TimestampFormat) = (true, "HH:mm:ss "));
    }

    /// <summary>The Prometheus exporter, for the metrics listener alone.</summary>
    public static void AddMetricsExporter(this IServiceCollection services) => services.AddOpenTelemetry().WithMetrics(metrics => metrics
        .AddMeter(MeterName)
        .AddPrometheusExporter(options =>
        {
            options.ScopeInfoEnabled = false;
            options.TargetInfoEnabled = false;
        }));
}
