using System.Net;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Stevedore.Fetcher.Tests.Transfer.Web;

namespace Stevedore.Fetcher.Tests.Trust;

/// <summary>How an authority signs.</summary>
public enum Signing
{
    Ecdsa,
    Rsa,
    RsaPss,
}

/// <summary>An authority that issues, and takes back: a root, or one that another vouches for.</summary>
internal sealed class TestAuthority : IDisposable
{
    private static readonly DateTimeOffset Begins = DateTimeOffset.UtcNow.AddDays(-20);
    private static readonly DateTimeOffset Ends = DateTimeOffset.UtcNow.AddDays(20);

    private readonly AsymmetricAlgorithm _key;
    private readonly X509SignatureGenerator _signer;

    private TestAuthority(string name, Signing signing, HashAlgorithmName hash, TestAuthority? above, bool mayVouch = true)
    {
        Hash = hash;
        (_key, _signer) = MakeKey(signing);
        var request = new CertificateRequest(new X500DistinguishedName($"CN={name}"), _signer.PublicKey, hash);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: mayVouch, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        Certificate = request.Create(above?.Certificate.SubjectName ?? request.SubjectName, above?._signer ?? _signer, Begins, Ends, Serial());
    }

    public X509Certificate2 Certificate { get; }

    public string Pem => Certificate.ExportCertificatePem() + "\n";

    private HashAlgorithmName Hash { get; }

    public static TestAuthority Root(string name, Signing signing = Signing.Ecdsa, HashAlgorithmName? hash = null) => new(name, signing, hash ?? HashAlgorithmName.SHA256, above: null);

    /// <summary>One below it, or one that only plays it.</summary>
    public TestAuthority Vouch(string name, bool mayVouch = true) => new(name, Signing.Ecdsa, HashAlgorithmName.SHA256, above: this, mayVouch);

    /// <summary>A server's certificate.</summary>
    public X509Certificate2 Issue(string host, DateTimeOffset? begins = null, DateTimeOffset? expires = null, byte[]? serial = null, string usage = TestCertificates.ServerAuthentication)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=server of " + host, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(host, out var address))
            names.AddIpAddress(address);
        else
            names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        using var issued = request.Create(Certificate.SubjectName, _signer, begins ?? Begins, expires ?? Ends, serial ?? Serial());
        return issued.CopyWithPrivateKey(key);
    }

    /// <summary>A list of what it took back, in DER.</summary>
    public byte[] TakeBack(params IEnumerable<X509Certificate2> revoked) => List(revoked.Select(certificate => certificate.SerialNumberBytes.ToArray()));

    /// <summary>The same of numbers, by another name or of another time where one is given.</summary>
    public byte[] List(IEnumerable<byte[]> serials, X500DistinguishedName? named = null, DateTimeOffset? next = null, HashAlgorithmName? hash = null)
    {
        var builder = new CertificateRevocationListBuilder();
        foreach (var serial in serials)
            builder.AddEntry(serial, DateTimeOffset.UtcNow.AddDays(-11));
        var identifier = X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false);
        return builder.Build(named ?? Certificate.SubjectName, _signer, BigInteger.One, next ?? Ends, hash ?? Hash, identifier, DateTimeOffset.UtcNow.AddDays(-10));
    }

    /// <summary>As it stands in a bundle.</summary>
    public static string PemOf(byte[] list) => PemEncoding.WriteString("X509 CRL", list) + "\n";

    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }

    private static byte[] Serial() => [0x4a, .. RandomNumberGenerator.GetBytes(15)];

    private static (AsymmetricAlgorithm Key, X509SignatureGenerator Signer) MakeKey(Signing signing)
    {
        if (signing == Signing.Ecdsa)
        {
            var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            return (curve, X509SignatureGenerator.CreateForECDsa(curve));
        }

        var rsa = RSA.Create(2048);
        return (rsa, X509SignatureGenerator.CreateForRSA(rsa, signing == Signing.Rsa ? RSASignaturePadding.Pkcs1 : RSASignaturePadding.Pss));
    }
}
