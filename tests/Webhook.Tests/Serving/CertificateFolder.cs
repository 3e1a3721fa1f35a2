using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Stevedore.Certs.Issuing;
using Stevedore.Webhook.Certificates;

namespace Stevedore.Webhook.Tests.Serving;

/// <summary>A pair in files of its own, and clients that trust its authority.</summary>
internal sealed class CertificateFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stevedore-serving-");
    private readonly TimeProvider _clock;
    private readonly bool _owned;

    public CertificateFolder(TimeProvider? clock = null)
        : this(CertificateAuthority.Create(TimeSpan.FromDays(30), clock ?? TimeProvider.System), owned: true, clock)
    {
    }

    /// <summary>A pair of an authority that, where it is not owned, others have theirs from too.</summary>
    public CertificateFolder(CertificateAuthority authority, bool owned, TimeProvider? clock = null)
    {
        _clock = clock ?? TimeProvider.System;
        _owned = owned;
        Authority = authority;
        Write(Issue());
    }

    public CertificateAuthority Authority { get; }

    public string Path => _folder.FullName;

    public CertificateFiles Files => new(System.IO.Path.Combine(Path, "tls.crt"), System.IO.Path.Combine(Path, "tls.key"));

    public PemPair Issue(TimeSpan? lifetime = null) => Authority.Issue(ServingNames.Default, lifetime ?? TimeSpan.FromDays(10));

    public void Write(PemPair pair)
    {
        File.WriteAllText(Files.Certificate, pair.CertificatePem);
        File.WriteAllText(Files.Key, pair.KeyPem);
    }

    public ServingCertificate Load(ClientAuthority? clients = null)
    {
        var certificate = new ServingCertificate { Clients = clients };
        Files.TryLoad(certificate, _clock.GetUtcNow(), out var problem).Should().BeTrue(problem);
        return certificate;
    }

    public SslClientAuthenticationOptions Trusting(X509Certificate2? presenting = null)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(Authority.CertificatePem);
        return new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = policy,
            TargetHost = "localhost",
            LocalCertificateSelectionCallback = presenting is null ? null : (_, _, _, _, _) => presenting,
        };
    }

    public void Dispose()
    {
        if (_owned)
            Authority.Dispose();
        _folder.Delete(recursive: true);
    }
}
