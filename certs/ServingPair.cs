using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Stevedore.Certs.Issuing;

namespace Stevedore.Certs;

/// <summary>A serving certificate that can be used now: it has its own key, and its time has come and not passed.</summary>
public sealed class ServingPair : IDisposable
{
    private ServingPair(X509Certificate2 leaf, X509Certificate2Collection intermediates)
    {
        Leaf = leaf;
        Intermediates = intermediates;
    }

    /// <summary>The certificate, with its private key.</summary>
    public X509Certificate2 Leaf { get; }

    /// <summary>What stood after the leaf: sent along in a handshake, so that clients find the way to their root.</summary>
    public X509Certificate2Collection Intermediates { get; }

    /// <summary>From when on the pair is no longer valid.</summary>
    public DateTimeOffset Expires => Leaf.NotAfter.ToUniversalTime();

    /// <summary>Reads a pair; false with one sentence that says what is wrong with which of the two.</summary>
    /// <param name="pem">Both texts.</param>
    /// <param name="certificateName">What the sentence calls the certificate: its path.</param>
    /// <param name="keyName">What the sentence calls the key: its path.</param>
    /// <param name="now">The time at which the pair is to be valid.</param>
    /// <param name="pair">The pair, for the caller to dispose.</param>
    /// <param name="problem">The sentence.</param>
    public static bool TryRead(
        PemPair pem,
        string certificateName,
        string keyName,
        DateTimeOffset now,
        [NotNullWhen(true)] out ServingPair? pair,
        [NotNullWhen(false)] out string? problem)
    {
        pair = null;
        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPem(pem.CertificatePem);
        }
        catch (CryptographicException)
        {
            // A block that says CERTIFICATE and holds none counts as none; the sentence is the same.
        }

        if (chain.Count == 0)
        {
            problem = $"{certificateName} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----).";
            return false;
        }

        using var bare = chain[0];
        chain.RemoveAt(0);
        problem = now < bare.NotBefore
            ? $"{certificateName} is not valid before {bare.NotBefore.ToUniversalTime():u}; check this machine's clock, or issue the certificate anew."
            : now >= bare.NotAfter ? $"{certificateName} expired at {bare.NotAfter.ToUniversalTime():u}; issue it anew." : null;
        if (problem is null && WithKey(bare, pem.KeyPem, certificateName, keyName, out problem) is { } leaf)
            pair = new ServingPair(leaf, chain);
        return pair is not null;
    }

    /// <summary>Whether the certificate is for all of the names.</summary>
    public bool Covers(ServingNames names)
    {
        var alternatives = Leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().ToList();
        return names.Dns.All(name => alternatives.Any(a => a.EnumerateDnsNames().Contains(name)))
            && names.Addresses.All(address => alternatives.Any(a => a.EnumerateIPAddresses().Contains(address)));
    }

    /// <summary>Whether a client that trusts nothing but these authorities accepts the certificate at that time.</summary>
    /// <param name="authoritiesPem">One or more certificates; text that holds none trusts nobody.</param>
    /// <param name="now">The time.</param>
    public bool IsSignedBy(string authoritiesPem, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        chain.ChainPolicy.ExtraStore.AddRange(Intermediates);
        try
        {
            chain.ChainPolicy.CustomTrustStore.ImportFromPem(authoritiesPem);
        }
        catch (CryptographicException)
        {
            return false;
        }

        return chain.ChainPolicy.CustomTrustStore.Count > 0 && chain.Build(Leaf);
    }

    /// <summary>Releases the key.</summary>
    public void Dispose() => Leaf.Dispose();

    private static X509Certificate2? WithKey(X509Certificate2 bare, string keyPem, string certificateName, string keyName, out string? problem)
    {
        using var ec = bare.GetECDsaPublicKey() is null ? null : ECDsa.Create();
        using var rsa = bare.GetRSAPublicKey() is null ? null : RSA.Create();
        if (((AsymmetricAlgorithm?)ec ?? rsa) is not { } key)
        {
            problem = $"The key of {certificateName} is neither ECDSA nor RSA; issue a certificate with one of these.";
            return null;
        }

        try
        {
            key.ImportFromPem(keyPem);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            problem = $"{keyName} holds no {(ec is null ? "RSA" : "ECDSA")} key in PEM form (-----BEGIN PRIVATE KEY-----) without a passphrase.";
            return null;
        }

        try
        {
            problem = null;
            return ec is null ? bare.CopyWithPrivateKey(rsa!) : bare.CopyWithPrivateKey(ec);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            problem = $"{keyName} is not the key of {certificateName}; the two must come from the same issue.";
            return null;
        }
    }
}
