using Stevedore.Webhook.Cluster;

namespace Stevedore.Webhook.Certificates;

/// <summary>Registers the serving certificate.</summary>
internal static class CertificateFeature
{
    /// <summary>The certificate, its renewal and its metric.</summary>
    public static void AddCertificates(this IServiceCollection services, ServingCertificate certificate, CertificateSource source)
    {
        services.AddSingleton(certificate);
        switch (source)
        {
            case CertificateSource.FromFiles files:
                services.AddSingleton(files.Pair);
                services.AddHostedService<CertificateReload>();
                break;
            case CertificateSource.SelfManaged selfManaged:
                services.AddSingleton(selfManaged);
                services.AddSingleton<CertificateObjects>();
                services.AddHostedService<SelfManagedCertificates>();
                break;
        }

        services.AddHostedService<CertificateExpiry>();
    }
}
