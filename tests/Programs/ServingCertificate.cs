using System.Security.Cryptography.X509Certificates;
using Stevedore.Certs.Issuing;

namespace Stevedore.Programs;

/// <summary>An authority made for one run, and what it issued to the webhook.</summary>
/// <param name="Authority">What a client must trust, and trusts alone.</param>
/// <param name="AuthorityFile">The same as PEM.</param>
/// <param name="CertificateFile">The serving certificate.</param>
/// <param name="KeyFile">Its key, for the owner's eyes only.</param>
/// <param name="Names">What the certificate is good for.</param>
public sealed record ServingCertificate(X509Certificate2 Authority, string AuthorityFile, string CertificateFile, string KeyFile, string Names)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>Issues one for loopback and writes it into a folder.</summary>
    public static ServingCertificate Issue(string folder)
    {
        Directory.CreateDirectory(folder);
        using var authority = CertificateAuthority.Create(Lifetime, TimeProvider.System);
        var pair = authority.Issue(ServingNames.Default, Lifetime);
        var issued = new ServingCertificate(
            X509Certificate2.CreateFromPem(authority.CertificatePem),
            Path.Combine(folder, "ca.crt"),
            Path.Combine(folder, "tls.crt"),
            Path.Combine(folder, "tls.key"),
            ServingNames.Default.ToString());
        File.WriteAllText(issued.AuthorityFile, authority.CertificatePem);
        issued.Write(pair);
        return issued;
    }

    /// <summary>
    /// Puts a certificate of a new authority in the place of the one that is there. Clients are told to trust the new authority, besides the old one, before the
    /// first of the files changes; the pair itself is half old and half new for a moment, as a volume's may be.
    /// </summary>
    public void Renew()
    {
        using var authority = CertificateAuthority.Create(Lifetime, TimeProvider.System);
        var trusted = File.ReadAllText(AuthorityFile) + authority.CertificatePem;
        File.WriteAllText(AuthorityFile + ".new", trusted);
        File.Move(AuthorityFile + ".new", AuthorityFile, overwrite: true);
        Write(authority.Issue(ServingNames.Default, Lifetime));
    }

    private void Write(PemPair pair)
    {
        File.WriteAllText(CertificateFile, pair.CertificatePem);
        File.Delete(KeyFile);
        var secret = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        using var key = new StreamWriter(KeyFile, secret);
        key.Write(pair.KeyPem);
    }
}
