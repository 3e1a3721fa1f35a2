using Stevedore.Certs.Issuing;

namespace Stevedore.Webhook.Certificates;

/// <summary>Where the serving certificate comes from.</summary>
internal abstract record CertificateSource
{
    /// <summary>Somebody else's files: <c>make certs</c>, cert-manager, any TLS Secret.</summary>
    /// <param name="Pair">Their paths.</param>
    public sealed record FromFiles(CertificateFiles Pair) : CertificateSource;

    /// <summary>The replicas make it themselves and agree on it through a Secret.</summary>
    /// <param name="Namespace">Where the webhook is installed.</param>
    /// <param name="Service">Its Service's name: what API servers call it.</param>
    /// <param name="Secret">Its Secret's name.</param>
    /// <param name="WebhookConfiguration">The MutatingWebhookConfiguration whose entries trust it.</param>
    /// <param name="Lifetime">How long a certificate is valid; it is renewed when two thirds are over.</param>
    public sealed record SelfManaged(string Namespace, string Service, string Secret, string WebhookConfiguration, TimeSpan Lifetime) : CertificateSource
    {
        /// <summary>How often Secret and configuration are looked at: a configuration applied anew has lost its trust and refuses pods until then.</summary>
        public TimeSpan Period { get; } = Shorter(TimeSpan.FromSeconds(10), Lifetime / 60);

        /// <summary>How long a new authority must have been seen in the configuration before anything of it is served: API servers learn of it by a watch.</summary>
        public TimeSpan Propagation { get; } = Shorter(TimeSpan.FromMinutes(1), Lifetime / 20);

        /// <summary>What clients may call the server.</summary>
        public ServingNames Names { get; } = ServingNames.TryParse(
            ["localhost", $"{Service}.{Namespace}.svc", $"{Service}.{Namespace}.svc.cluster.local"], ["127.0.0.1", "::1"], out var names, out var problem)
            ? names
            : throw new FormatException(problem);

        private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
    }
}
