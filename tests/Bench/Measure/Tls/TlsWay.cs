using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Stevedore.Fetcher.Transfer.Web.Wire;

namespace Stevedore.Bench.Measure.Tls;

/// <summary>One way of reading TLS from a blocking socket, on the calling thread.</summary>
internal interface ITlsWay : IDisposable
{
    /// <summary>What the report calls it.</summary>
    string Name { get; }

    /// <summary>Shakes hands on a connected socket and checks who is there.</summary>
    TlsChannel Open(Socket socket, string host);
}

/// <summary>What came of a handshake.</summary>
/// <param name="Stream">What is read and written; the socket is the caller's.</param>
/// <param name="Suite">What is encrypted with: only the same may be compared.</param>
internal sealed record TlsChannel(Stream Stream, string Suite);

/// <summary>.NET's own.</summary>
/// <param name="authority">PEM file: whom to trust.</param>
/// <param name="readAhead">Bytes that are read from the socket at a time, as the fetcher does; null for as SslStream asks by itself.</param>
internal sealed class SslStreamWay(string authority, int? readAhead) : ITlsWay
{
    private readonly X509Certificate2 _authority = X509CertificateLoader.LoadCertificateFromFile(authority);

    public string Name => readAhead is null ? "SslStream" : "SslStream reading ahead";

    public TlsChannel Open(Socket socket, string host)
    {
        var wire = new NetworkStream(socket, ownsSocket: false);
        var tls = new SslStream(readAhead is { } size ? new ReadAheadStream(wire, size) : wire);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(_authority);
        tls.AuthenticateAsClient(new SslClientAuthenticationOptions { TargetHost = host, CertificateChainPolicy = policy });
        return new TlsChannel(tls, tls.NegotiatedCipherSuite.ToString());
    }

    public void Dispose() => _authority.Dispose();
}

/// <summary>OpenSSL straight on the socket.</summary>
/// <param name="authority">PEM file: whom to trust.</param>
/// <param name="throughKernel">Whether to ask for kernel TLS.</param>
internal sealed class OpenSslWay(string authority, bool throughKernel) : ITlsWay
{
    private readonly OpenSslClient _client = new(authority, throughKernel);

    public string Name => throughKernel ? "OpenSSL and the kernel" : "OpenSSL";

    public TlsChannel Open(Socket socket, string host)
    {
        var stream = _client.Shake(socket.SafeHandle, host);
        return new TlsChannel(stream, stream.Suite);
    }

    public void Dispose() => _client.Dispose();
}
