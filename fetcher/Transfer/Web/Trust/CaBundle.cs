using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Stevedore.Contract;

namespace Stevedore.Fetcher.Transfer.Web.Trust;

/// <summary>A file that a person trusts: authorities, and what they took back. Other blocks in it are left alone.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Certificates">Whom to trust besides the system's.</param>
/// <param name="Lists">Whom not to.</param>
internal sealed record CaBundle(string Path, X509Certificate2Collection Certificates, IReadOnlyList<RevocationList> Lists)
{
    private const string WayOut = "give a file of PEM certificates with --ca-bundle or SSL_CERT_FILE";
    private const string ListBegins = "-----BEGIN X509 CRL-----";

    /// <summary>Reads one.</summary>
    /// <exception cref="FetchException">64: it is not there, not readable, holds something broken, or nothing.</exception>
    public static CaBundle Read(string path)
    {
        var text = Text(path);
        var bundle = new CaBundle(path, CertificatesOf(path, text), ListsOf(path, text));
        return bundle.Certificates.Count > 0 || bundle.Lists.Count > 0
            ? bundle
            : throw new FetchException(ExitCode.Usage, $"The CA bundle {path} holds no certificate; {WayOut}.");
    }

    private static string Text(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            var why = broken is FileNotFoundException or DirectoryNotFoundException ? "is not there" : "can't be read";
            throw new FetchException(ExitCode.Usage, $"The CA bundle {path} {why}; {WayOut}.", broken);
        }
    }

    private static X509Certificate2Collection CertificatesOf(string path, string text)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(text);
            return certificates;
        }
        catch (CryptographicException broken)
        {
            throw new FetchException(ExitCode.Usage, $"The CA bundle {path} holds a broken certificate; {WayOut}.", broken);
        }
    }

    private static List<RevocationList> ListsOf(string path, string text)
    {
        var lists = new List<RevocationList>();
        try
        {
            var rest = text.AsSpan();
            while (rest.IndexOf(ListBegins) is >= 0 and var at)
            {
                rest = rest[at..];
                // The next block that is whole may be another one, behind this.
                if (!PemEncoding.TryFind(rest, out var block) || block.Location.Start.Value != 0)
                    throw new CryptographicException("A block begins and has no end, or is not base64.");
                var der = new byte[block.DecodedDataLength];
                Convert.TryFromBase64Chars(rest[block.Base64Data], der, out _);
                lists.Add(RevocationList.Parse(der));
                rest = rest[block.Location.End..];
            }

            return lists;
        }
        catch (Exception broken) when (broken is CryptographicException or AsnContentException)
        {
            throw new FetchException(
                ExitCode.Usage, $"The CA bundle {path} holds a broken revocation list, or one of a kind that is not known here ({broken.Message.TrimEnd('.')}); mend the list or take it out.", broken);
        }
    }
}
