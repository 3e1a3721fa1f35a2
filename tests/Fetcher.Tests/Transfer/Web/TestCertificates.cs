using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Stevedore.Fetcher.Tests.Transfer.Web;

/// <summary>Throwaway authorities and the certificates that they issue.</summary>
internal sealed class TestCertificates : IDisposable
{
    /// <summary>What a server's certificate must be good for (RFC 5280, 4.2.1.12).</summary>
    public const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>What a client's certificate is good for.</summary>
    public const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

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

    /// <summary>A certificate for a DNS name or an address; a server's unless another use is named.</summary>
    public X509Certificate2 Issue(string host, DateTimeOffset? expires = null, DateTimeOffset? begins = null, string usage = ServerAuthentication)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issued = Request(host, key, usage).Create(
            _authority, begins ?? DateTimeOffset.UtcNow.AddDays(-1.5), expires ?? DateTimeOffset.UtcNow.AddDays(1), RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }

    /// <summary>A server's certificate that nobody but its own key vouches for.</summary>
    public static X509Certificate2 SelfSigned(string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Request(host, key, ServerAuthentication).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    public void Dispose()
    {
        File.Delete(Bundle);
        _authority.Dispose();
    }
    private static CertificateRequest Request(string host, ECDsa key, string usage)
    {
        var request = new CertificateRequest("CN=" + host, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(host, out var address))
            names.AddIpAddress(address);
        else
            names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        return request;
    }
}
