using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Stevedore.Certs;
using Stevedore.Certs.Issuing;

namespace Stevedore.Webhook.Certificates;

/// <summary>The certificate that new connections get. It can be replaced at any time; connections that stand keep theirs.</summary>
internal sealed class ServingCertificate(CertificateFiles files)
{
    private Serving? _current;

    /// <summary>When the certificate in use expires.</summary>
    public DateTimeOffset Expires => Current.Pair.Expires;

    /// <summary>The certificate in use.</summary>
    public X509Certificate2 Leaf => Current.Pair.Leaf;

    /// <summary>
    /// TLS for a new connection. The same options, and so the same OpenSSL context, serve all connections of one certificate: sessions can be
    /// resumed, and no chain is built in a handshake.
    /// </summary>
    public SslServerAuthenticationOptions Tls => Current.Tls;

    private Serving Current => Volatile.Read(ref _current) ?? throw new InvalidOperationException("No certificate is loaded; call TryLoad first.");

    /// <summary>
    /// Takes the files as they are now into use; false, with one sentence, where they are no good. What was in use then stays. The old pair is
    /// not disposed of, since a handshake may still be using it.
    /// </summary>
    public bool TryLoad(DateTimeOffset now, [NotNullWhen(false)] out string? problem)
    {
        if (files.Read(out problem) is not { } pem)
            return problem is null;
        if (pem == _current?.Pem)
            return true;
        if (!ServingPair.TryRead(pem, files.Certificate, files.Key, now, out var pair, out problem))
            return false;
        Volatile.Write(ref _current, new Serving(pem, pair, Options(pair)));
        return true;
    }

    private static SslServerAuthenticationOptions Options(ServingPair pair) => new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(pair.Leaf, pair.Intermediates, offline: true),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        ClientCertificateRequired = false,
    };

    private sealed record Serving(PemPair Pem, ServingPair Pair, SslServerAuthenticationOptions Tls);
}
