using Stevedore.Webhook.Certificates;

namespace Stevedore.Webhook.Serving;

/// <summary>
/// Whether this replica wants requests: from its first own review until it is told to stop, only with what decisions need, and with a certificate that stays
/// valid for a while.
/// </summary>
internal sealed class Readiness(ServingCertificate certificate, IEnumerable<IReadinessGate> gates, TimeProvider clock)
{
    /// <summary>How long before its certificate expires a replica stops asking for requests: endpoints are withdrawn within seconds, by all API servers.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    private readonly IReadinessGate[] _gates = [.. gates];
    private volatile bool _started;
    private volatile bool _draining;

    /// <summary>Whether the program has shown itself that it works.</summary>
    public bool HasStarted => _started;

    /// <summary>Whether it is on its way out, still answering.</summary>
    public bool IsDraining => _draining;

    /// <summary>Why not; null when requests are welcome.</summary>
    public string? Hindrance => this switch
    {
        { _draining: true } => "draining",
        { _started: false } => _gates.Select(gate => gate.Hindrance).FirstOrDefault(missing => missing is not null) ?? "starting",
        _ => (certificate.Expires - clock.GetUtcNow()) switch
        {
            { Ticks: <= 0 } => "the serving certificate has expired",
            var left when left < Margin => "the serving certificate is about to expire",
            _ => null,
        },
    };

    /// <summary>Waits until everything is there that decisions need, however long that takes.</summary>
    public Task GatesAsync(CancellationToken cancellation) => Task.WhenAll(_gates.Select(gate => gate.Opened)).WaitAsync(cancellation);

    /// <summary>The first review went through.</summary>
    public void Start() => _started = true;

    /// <summary>The end is near.</summary>
    public void Drain() => _draining = true;
}
