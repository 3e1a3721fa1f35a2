using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Stevedore.Certs.Issuing;

/// <summary>
/// A private authority for serving certificates, its key only in memory. Certificates are as RFC 5280 asks: version 3, random serials,
/// key usages, subject and authority key identifiers, names in the subject's alternative names only.
/// </summary>
public sealed class CertificateAuthority : IDisposable
{
    /// <summary>How far a certificate's beginning lies back, for clients whose clocks are late.</summary>
    public static readonly TimeSpan Backdated = TimeSpan.FromMinutes(5);

    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly TimeProvider _clock;

    private CertificateAuthority(X509Certificate2 certificate, TimeProvider clock)
    {
        Certificate = certificate;
        _clock = clock;
    }

    /// <summary>The authority's own certificate, with its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The authority's certificate as PEM: what a client, or a webhook configuration's <c>caBundle</c>, trusts.</summary>
    public string CertificatePem => Pem(Certificate);

    /// <summary>Makes an authority with a new key. It may issue leaves only, no further authorities.</summary>
    /// <param name="lifetime">How long it is valid from now on.</param>
    /// <param name="clock">Says what now is.</param>
    public static CertificateAuthority Create(TimeSpan lifetime, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        // Old and new authorities stand side by side in a bundle while one replaces the other; a name of their own tells people which is which.
        var name = new X500DistinguishedName($"CN=stevedore-ca-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}");
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority(pathLengthConstraint: 0));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        var subjectKey = new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false);
        request.CertificateExtensions.Add(subjectKey);
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(subjectKey));

        using var certificate = request.Create(
            name, X509SignatureGenerator.CreateForECDsa(key), now - Backdated, now + lifetime, Serial());
        return new CertificateAuthority(certificate.CopyWithPrivateKey(key), clock);
    }

    /// <summary>Issues a serving certificate with a new key, valid no longer than the authority itself.</summary>
    /// <param name="names">What clients may call the server.</param>
    /// <param name="lifetime">How long it is valid from now on.</param>
    public PemPair Issue(ServingNames names, TimeSpan lifetime)
    {
        var now = _clock.GetUtcNow();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=stevedore-webhook", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForEndEntity(critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, true, false));
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names.Dns)
            alternatives.AddDnsName(name);
        foreach (var address in names.Addresses)
            alternatives.AddIpAddress(address);
        request.CertificateExtensions.Add(alternatives.Build());

        using var certificate = request.Create(
            Certificate, Later(now - Backdated, Certificate.NotBefore), Earlier(now + lifetime, Certificate.NotAfter), Serial());
        return new PemPair(Pem(certificate), key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <summary>Forgets the authority's key.</summary>
    public void Dispose() => Certificate.Dispose();

    private static string Pem(X509Certificate2 certificate) => certificate.ExportCertificatePem() + "\n";

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    /// <summary>127 random bits: positive, as RFC 5280 (4.1.2.2) asks, and never guessed.</summary>
    private static byte[] Serial()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x7f) | 0x40);
        return serial;
    }
}
