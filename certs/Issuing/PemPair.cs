namespace Stevedore.Certs.Issuing;

/// <summary>A serving certificate and its private key, both as PEM text.</summary>
/// <param name="CertificatePem">The leaf, and after it any intermediate certificates.</param>
/// <param name="KeyPem">The leaf's private key.</param>
public sealed record PemPair(string CertificatePem, string KeyPem)
{
    /// <summary>Never shows the key.</summary>
    public override string ToString() => "a certificate and its key";
}
