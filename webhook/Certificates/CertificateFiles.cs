using System.Diagnostics.CodeAnalysis;
using Stevedore.Certs.Issuing;

namespace Stevedore.Webhook.Certificates;

/// <summary>Where the serving certificate and its key are: <c>make certs</c>, cert-manager or any TLS Secret puts them there.</summary>
/// <param name="Certificate">Path of the PEM file with the leaf and any intermediates.</param>
/// <param name="Key">Path of the PEM file with the leaf's key.</param>
internal sealed record CertificateFiles(string Certificate, string Key)
{
    /// <summary>Both texts; null with one sentence where a file can't be read.</summary>
    public PemPair? Read(out string? problem)
    {
        problem = null;
        return Text(Certificate, "--tls-cert", ref problem) is { } certificate && Text(Key, "--tls-key", ref problem) is { } key
            ? new PemPair(certificate, key)
            : null;
    }

    /// <summary>Takes the files as they are now into use; false, with one sentence, where they are no good.</summary>
    public bool TryLoad(ServingCertificate certificate, DateTimeOffset now, [NotNullWhen(false)] out string? problem) =>
        Read(out problem) is { } pem ? certificate.TryUse(pem, Certificate, Key, now, out problem) : problem is null;

    private static string? Text(string path, string option, ref string? problem)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            problem = $"{path} does not exist; name the file with {option} (make certs issues a pair).";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = $"{path} can't be read ({e.Message.TrimEnd('.')}); give this user the right to, or name another file with {option}.";
        }

        return null;
    }
}
