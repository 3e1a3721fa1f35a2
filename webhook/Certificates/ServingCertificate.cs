using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Stevedore.Certs;
using Stevedore.Certs.Issuing;

namespace Stevedore.Webhook.Certificates;

/// <summary>The certificate that new connections get. It can be replaced at any time; connections that stand keep theirs.</summary>
internal sealed class ServingCertificate
{
    private Serving? _current;

    /// <summary>Whether there is one yet.</summary>
    public bool IsLoaded => Volatile.Read(ref _current) is not null;

    /// <summary>Whom API servers must have their client certificate from; null where none is asked for.</summary>
    public ClientAuthority? Clients { get; init; }

    /// <summary>When the certificate in use expires.</summary>
    public DateTimeOffset Expires => Current.Pair.Expires;

    /// <summary>The certificate in use.</summary>
    public X509Certificate2 Leaf => Current.Pair.Leaf;

    /// <summary>
    /// TLS for a new connection. The same options, and so the same OpenSSL context, serve all connections of one certificate: sessions can be
    /// resumed, and no chain is built in a handshake.
    /// </summary>
    public SslServerAuthenticationOptions Tls => Current.Tls;

    private Serving Current => Volatile.Read(ref _current) ?? throw new InvalidOperationException("No certificate is loaded; call TryUse first.");

    /// <summary>
    /// Takes a pair into use; false, with one sentence, where it is no good. What was in use then stays. The old pair is not disposed of, since a handshake
    /// may still be using it.
    /// </summary>
    /// <param name="pem">The pair.</param>
    /// <param name="certificateName">What the sentence calls the certificate.</param>
    /// <param name="keyName">What the sentence calls the key.</param>
    /// <param name="now">The time at which it is to be valid.</param>
    /// <param name="problem">The sentence.</param>
    public bool TryUse(PemPair pem, string certificateName, string keyName, DateTimeOffset now, [NotNullWhen(false)] out string? problem)
    {
        problem = null;
        if (pem == _current?.Pem)
            return true;
        if (!ServingPair.TryRead(pem, certificateName, keyName, now, out var pair, out problem))
            return false;
        Volatile.Write(ref _current, new Serving(pem, pair, Options(pair)));
        return true;
    }

    private SslServerAuthenticationOptions Options(ServingPair pair) => new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(pair.Leaf, pair.Intermediates, offline: true),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        ClientCertificateRequired = Clients is not null,
        RemoteCertificateValidationCallback = Clients is null ? null : (_, offered, _, _) => offered is null || Clients.Accepts(offered, pair.Leaf),
    };

    private sealed record Serving(PemPair Pem, ServingPair Pair, SslServerAuthenticationOptions Tls);
}
