using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Stevedore.Fetcher.Transfer.Web.Trust;

/// <summary>Whom to trust: the system's authorities, and those that a person names besides. Without bundles the platform's own rules stay.</summary>
/// <param name="settings">The bundles' files, and where the system's authorities come from.</param>
internal sealed class ServerTrust(WebSettings settings)
{
    private readonly Lazy<IReadOnlyList<CaBundle>> _bundles = new(() => [.. settings.CaBundles.Select(CaBundle.Read)]);

    /// <summary>The authorities that this machine trusts. Reading them takes longer than a small fetch: 40 ms for Debian's 144.</summary>
    public static X509Certificate2Collection OfThisMachine()
    {
        using var store = new X509Store(StoreName.Root, StoreLocation.LocalMachine, OpenFlags.ReadOnly);
        return store.Certificates;
    }

    /// <summary>Reads the bundles and nothing else: a wrong one is a wrong command line also where no certificate will be looked at.</summary>
    /// <exception cref="FetchException">64: a bundle can't be used.</exception>
    public void CheckBundles() => _ = _bundles.Value;

    /// <summary>What SslStream is to check with; with bundles it reads the system's authorities, too.</summary>
    /// <remarks>
    /// A chain policy: the chain's and the host name's checks remain the platform's, only the roots are more. A callback joins in where a bundle holds revocation
    /// lists, and can do no more than refuse what the platform has accepted.
    /// To build a chain from the bundles' authorities first and read the system's only where that fails was tried and gained nothing: .NET reads them for every
    /// chain, if only for the intermediates among them.
    /// </remarks>
    /// <exception cref="FetchException">64: a bundle can't be used.</exception>
    public SslClientAuthenticationOptions Options()
    {
        var options = new SslClientAuthenticationOptions();
        if (_bundles.Value.Count == 0)
            return options;

        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        foreach (var bundle in _bundles.Value)
            policy.CustomTrustStore.AddRange(bundle.Certificates);
        policy.CustomTrustStore.AddRange(settings.SystemAuthorities());
        options.CertificateChainPolicy = policy;
        if (_bundles.Value.Any(bundle => bundle.Lists.Count > 0))
            options.RemoteCertificateValidationCallback = IsNotRevoked;
        return options;
    }

    private bool IsNotRevoked(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors != SslPolicyErrors.None || chain is null)
            return false;
        Revocation.Check(chain, _bundles.Value);
        return true;
    }
}
