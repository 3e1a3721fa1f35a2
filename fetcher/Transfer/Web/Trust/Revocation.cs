using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Stevedore.Contract;

namespace Stevedore.Fetcher.Transfer.Web.Trust;

/// <summary>Holds a server's certificate, and those above it, against the bundles' revocation lists: behind all other checks, and only ever to refuse.</summary>
internal static class Revocation
{
    /// <summary>Returns where nothing speaks against a chain that is trusted otherwise.</summary>
    /// <exception cref="RevokedCertificateException">A certificate of the chain is on a list.</exception>
    /// <exception cref="FetchException">64: a list was not signed by the authority that it names. The bundle is its owner's word, so a forgery in it is a broken bundle, and no server can bring one about.</exception>
    public static void Check(X509Chain chain, IReadOnlyList<CaBundle> bundles)
    {
        for (var i = 0; i < chain.ChainElements.Count; i++)
        {
            // The topmost is its own issuer: the platform takes no chain for whole that ends in another one.
            var issuer = chain.ChainElements[Math.Min(i + 1, chain.ChainElements.Count - 1)].Certificate;
            Check(chain.ChainElements[i].Certificate, issuer, bundles);
        }
    }

    private static void Check(X509Certificate2 certificate, X509Certificate2 issuer, IReadOnlyList<CaBundle> bundles)
    {
        foreach (var bundle in bundles)
        {
            foreach (var list in bundle.Lists.Where(list => list.IsOfIssuerOf(certificate)))
            {
                if (!IsSigned(list, issuer, bundles))
                {
                    throw new FetchException(
                        ExitCode.Usage,
                        $"The CA bundle {bundle.Path} holds a revocation list of {list.Issuer} that no known key of that authority has signed; take the list out, or put the certificate that signed it beside it.");
                }

                if (list.Lists(certificate))
                    throw new RevokedCertificateException(certificate, list, bundle);
            }
        }
    }

    /// <summary>An authority that changed its key goes on listing what it issued with the old one (RFC 5280, 6.3.3): a namesake in a bundle may have signed, too.</summary>
    private static bool IsSigned(RevocationList list, X509Certificate2 issuer, IReadOnlyList<CaBundle> bundles) =>
        list.IsSignedBy(issuer) || bundles.SelectMany(bundle => bundle.Certificates).Where(list.IsNamed).Any(list.IsSignedBy);
}

/// <summary>A server shows a certificate that its authority took back.</summary>
/// <param name="certificate">The server's own, or one above it.</param>
/// <param name="list">Which names it.</param>
/// <param name="bundle">Where the list is.</param>
internal sealed class RevokedCertificateException(X509Certificate2 certificate, RevocationList list, CaBundle bundle) : AuthenticationException(
    $"has a certificate that is revoked: {certificate.Subject}, serial number {certificate.SerialNumber}, is on the list of {list.Issuer} in the CA bundle {bundle.Path} "
    + "(the server needs a new certificate)");
