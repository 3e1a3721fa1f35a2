using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Stevedore.Webhook.Certificates;

/// <summary>
/// Who may ask for reviews (<c>--client-ca</c>): holders of a client certificate of these authorities, as an API server presents one when its admission
/// configuration gives it a kubeconfig. The kubelet's probes bring none and reach the health endpoints only.
/// </summary>
internal sealed class ClientAuthority
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2Collection _authorities;

    private ClientAuthority(X509Certificate2Collection authorities) => _authorities = authorities;

    /// <summary>Reads a PEM file; false with one sentence where it holds no certificate.</summary>
    public static bool TryRead(string path, [NotNullWhen(true)] out ClientAuthority? authority, [NotNullWhen(false)] out string? problem)
    {
        var found = new X509Certificate2Collection();
        (authority, problem) = (null, null);
        try
        {
            found.ImportFromPemFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            problem = $"{path} can't be read ({e.Message.TrimEnd('.')}); name a PEM file of certificate authorities with --client-ca.";
            return false;
        }

        if (found.Count == 0)
        {
            problem = $"{path} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----); --client-ca names the authorities of API servers.";
            return false;
        }

        authority = new ClientAuthority(found);
        return true;
    }

    /// <summary>Whether a client's certificate is good now. The program's own review presents the very certificate that it serves.</summary>
    public bool Accepts(X509Certificate offered, X509Certificate2 served)
    {
        if (offered.GetRawCertData().AsSpan().SequenceEqual(served.RawDataMemory.Span))
            return true;
        using var client = new X509Certificate2(offered);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        return chain.Build(client);
    }
}
