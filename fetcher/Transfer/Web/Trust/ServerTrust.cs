using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Stevedore.Fetcher.Transfer.Web.Trust;

/// <summary>Whom to trust: the system's authorities, and those that a person names besides. The bundles are read when they are first needed.</summary>
/// <param name="files">The bundles; none leaves the platform's own rules.</param>
internal sealed class ServerTrust(IReadOnlyList<string> files)
{
    private readonly Lazy<IReadOnlyList<CaBundle>> _bundles = new(() => [.. files.Select(CaBundle.Read)]);

    /// <summary>Reads the bundles and nothing else: a wrong one is a wrong command line also where no certificate will be looked at.</summary>
    /// <exception cref="FetchException">64: a bundle can't be used.</exception>
    public void CheckBundles() => _ = _bundles.Value;

    /// <summary>What SslStream is to check with. With bundles it reads the system's authorities too, which takes longer than a small fetch.</summary>
    /// <remarks>
    /// A chain policy: the chain's and the host name's checks remain the platform's, only the roots are more. A callback joins in where a bundle holds revocation
    /// lists, and can do no more than refuse what the platform has accepted.
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
        using var system = new X509Store(StoreName.Root, StoreLocation.LocalMachine, OpenFlags.ReadOnly);
        policy.CustomTrustStore.AddRange(system.Certificates);
        options.CertificateChainPolicy = policy;
        if (_bundles.Value.Any(bundle => bundle.Lists.Count > 0))
            options.RemoteCertificateValidationCallback = new RevocationCheck(_bundles.Value).Holds;
        return options;
    }
}
