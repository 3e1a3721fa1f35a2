using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using k8s.Models;

namespace Stevedore.Cluster.Tests.Support;

/// <summary>What the installed webhook configuration has API servers trust, and clients that trust just that.</summary>
internal static class Trust
{
    /// <summary>The bundle of each entry; there is one only where all have the same.</summary>
    public static async Task<string> BundleAsync(TestCluster cluster)
    {
        var configuration = await cluster.Client.AdmissionregistrationV1.ReadMutatingWebhookConfigurationAsync("stevedore-webhook");
        return configuration.Webhooks.Select(door => Encoding.UTF8.GetString(door.ClientConfig.CaBundle ?? [])).Distinct().Single();
    }

    /// <summary>The Secret that the replicas agree through.</summary>
    public static Task<V1Secret> SecretAsync(TestCluster cluster) => cluster.Client.CoreV1.ReadNamespacedSecretAsync("stevedore-webhook-tls", TestCluster.SystemNamespace);

    /// <summary>Empties it, as the manifests leave it, and has nobody trusted.</summary>
    public static async Task ForgetAsync(TestCluster cluster)
    {
        var secret = await SecretAsync(cluster);
        secret.Data = null;
        await cluster.Client.CoreV1.ReplaceNamespacedSecretAsync(secret, secret.Metadata.Name, secret.Metadata.NamespaceProperty);
        const string Nobody = """{"webhooks": [{"name": "explicit.stevedore.dev", "clientConfig": {"caBundle": null}}, {"name": "detected.stevedore.dev", "clientConfig": {"caBundle": null}}]}""";
        await cluster.Client.AdmissionregistrationV1.PatchMutatingWebhookConfigurationAsync(new V1Patch(Nobody, V1Patch.PatchType.StrategicMergePatch), "stevedore-webhook");
    }

    /// <summary>A client of a replica that trusts the bundle and nothing else, as an API server does.</summary>
    public static HttpClient ClientOf(WebhookReplica replica, string bundle)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPem(bundle);
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck },
            },
        };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        return new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{replica.Port}") };
    }
}
