using System.Diagnostics.Metrics;
using Stevedore.Webhook.Serving;

namespace Stevedore.Webhook.Certificates;

/// <summary>Reports when the certificate in use expires, as <c>stevedore_certificate_expiry_timestamp_seconds</c>.</summary>
internal sealed class CertificateExpiry(ServingCertificate certificate, IMeterFactory meters) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        meters.Create(TelemetryFeature.MeterName).CreateObservableGauge(
            "stevedore.certificate.expiry.timestamp",
            () => certificate.Expires.ToUnixTimeSeconds(),
            unit: "s",
            description: "When the serving certificate in use expires, in seconds since 1970.");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
