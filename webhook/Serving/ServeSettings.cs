using Stevedore.Webhook.Certificates;
using Stevedore.Webhook.Injection;

namespace Stevedore.Webhook.Serving;

/// <summary>What <c>serve</c> was asked for; bound once, from the command line.</summary>
/// <param name="Listen">Where reviews and health checks come in, over TLS.</param>
/// <param name="Metrics">Where <c>/metrics</c> is, in the clear and with nothing else beside it.</param>
/// <param name="Pause">How long to go on serving after SIGTERM, while the endpoints that led here are withdrawn.</param>
/// <param name="Certificates">Where the serving certificate comes from.</param>
/// <param name="Injection">What concerns the pods.</param>
internal sealed record ServeSettings(ListenUrl Listen, ListenUrl Metrics, TimeSpan Pause, CertificateSource Certificates, InjectionSettings Injection)
{
    /// <summary>How to reach the API server, where anything needs it; null finds out by itself.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>Whether policies and namespaces are the cluster's.</summary>
    public bool PoliciesFromCluster { get; init; }

    /// <summary>Whether anything needs the API server.</summary>
    public bool NeedsCluster => PoliciesFromCluster || Certificates is CertificateSource.SelfManaged;
}
