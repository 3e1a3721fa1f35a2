namespace Stevedore.Webhook.Certificates;

/// <summary>Registers the serving certificate.</summary>
internal static class CertificateFeature
{
    /// <summary>The certificate, already loaded once, its renewal and its metric.</summary>
    public static void AddCertificates(this IServiceCollection services, ServingCertificate certificate)
    {
        services.AddSingleton(certificate);
        services.AddHostedService<CertificateReload>();
    }
}
