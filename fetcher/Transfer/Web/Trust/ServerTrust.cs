using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Stevedore.Contract;

namespace Stevedore.Fetcher.Transfer.Web;

/// <summary>Whom to trust when a person names further certificate authorities.</summary>
internal static class TrustedRoots
{
    private const string WayOut = "give a file of PEM certificates with --ca-bundle or SSL_CERT_FILE";

    /// <summary>The system's authorities and those of the bundles; null where there are no bundles, so that the platform's own rules stay.</summary>
    /// <remarks>A chain policy and not a validation callback: the chain's and the host name's checks remain the platform's, only the roots are more.</remarks>
    /// <exception cref="FetchException">64: a bundle is not there, not readable, or holds no certificate.</exception>
    public static X509ChainPolicy? With(IReadOnlyList<string> bundles)
    {
        if (bundles.Count == 0)
            return null;

        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        foreach (var bundle in bundles)
            policy.CustomTrustStore.AddRange(Read(bundle));
        using var system = new X509Store(StoreName.Root, StoreLocation.LocalMachine, OpenFlags.ReadOnly);
        policy.CustomTrustStore.AddRange(system.Certificates);
        return policy;
    }

    private static X509Certificate2Collection Read(string bundle)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(bundle);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            var why = broken is FileNotFoundException or DirectoryNotFoundException ? "is not there" : "can't be read";
            throw new FetchException(ExitCode.Usage, $"The CA bundle {bundle} {why}; {WayOut}.", broken);
        }
        catch (CryptographicException broken)
        {
            throw new FetchException(ExitCode.Usage, $"The CA bundle {bundle} holds a broken certificate; {WayOut}.", broken);
        }

        return certificates.Count > 0
            ? certificates
            : throw new FetchException(ExitCode.Usage, $"The CA bundle {bundle} holds no certificate; {WayOut}.");
    }
}
