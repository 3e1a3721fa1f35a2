using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Stevedore.Fetcher.Tests.Transfer.Web;

/// <summary>Throwaway authorities and the certificates that they issue.</summary>
internal sealed class TestCertificates : IDisposable
{
    private readonly X509Certificate2 _authority;

    public TestCertificates()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(2));
        Bundle = Path.Combine(Path.GetTempPath(), $"stevedore-ca-{Guid.NewGuid():N}.pem");
        File.WriteAllText(Bundle, _authority.ExportCertificatePem());
    }

    /// <summary>The authority as a PEM file.</summary>
    public string Bundle { get; }

    /// <summary>A server's certificate for a DNS name or an address.</summary>
    public X509Certificate2 Issue(string host, DateTimeOffset? expires = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + host, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(host, out var address))
            names.AddIpAddress(address);
        else
            names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var issued = request.Create(
            _authority, DateTimeOffset.UtcNow.AddDays(-1.5), expires ?? DateTimeOffset.UtcNow.AddDays(1), RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }

    public void Dispose()
    {
        File.Delete(Bundle);
        _authority.Dispose();
    }
}
