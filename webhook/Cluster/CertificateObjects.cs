using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Stevedore.Webhook.Certificates;

namespace Stevedore.Webhook.Cluster;

/// <summary>The Secret that replicas agree through, and the configuration that tells API servers whom to trust. Conflicts are values: somebody else was faster.</summary>
internal sealed class CertificateObjects(IKubernetes cluster, CertificateSource.SelfManaged settings)
{
    /// <summary>The configuration as it is; null where there is none (the webhook is reached by other means, or is not installed yet).</summary>
    public async Task<WebhookTrust?> ReadTrustAsync(CancellationToken cancellation)
    {
        try
        {
            var found = await cluster.AdmissionregistrationV1.ReadMutatingWebhookConfigurationAsync(settings.WebhookConfiguration, cancellationToken: cancellation);
            return new WebhookTrust(
                found.Metadata.ResourceVersion,
                [.. (found.Webhooks ?? []).Select(hook => new TrustingWebhook(hook.Name, hook.ClientConfig?.CaBundle ?? []))]);
        }
        catch (HttpOperationException refusal) when (refusal.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Has every webhook of the configuration trust the bundle, entry by entry and nothing else of them; false where it has changed since it was read.</summary>
    public Task<bool> TryTrustAsync(WebhookTrust read, byte[] bundle, CancellationToken cancellation)
    {
        var patch = new JsonObject
        {
            // With the version that was read, the server refuses what is based on an older look.
            ["metadata"] = new JsonObject { ["resourceVersion"] = read.Version },
            ["webhooks"] = new JsonArray([.. read.Webhooks.Select(hook => new JsonObject
            {
                ["name"] = hook.Name,
                ["clientConfig"] = new JsonObject { ["caBundle"] = Convert.ToBase64String(bundle) },
            })]),
        };
        return UnlessConflictAsync(() => cluster.AdmissionregistrationV1.PatchMutatingWebhookConfigurationAsync(
            new V1Patch(patch.ToJsonString(), V1Patch.PatchType.StrategicMergePatch), settings.WebhookConfiguration, cancellationToken: cancellation));
    }

    /// <summary>The Secret; null where there is none.</summary>
    public async Task<V1Secret?> ReadSecretAsync(CancellationToken cancellation)
    {
        try
        {
            return await cluster.CoreV1.ReadNamespacedSecretAsync(settings.Secret, settings.Namespace, cancellationToken: cancellation);
        }
        catch (HttpOperationException refusal) when (refusal.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Writes the Secret; false where another replica was faster.</summary>
    /// <param name="read">What <see cref="ReadSecretAsync"/> gave.</param>
    /// <param name="data">Its new data, whole.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<bool> TryWriteSecretAsync(V1Secret? read, Dictionary<string, byte[]> data, CancellationToken cancellation)
    {
        if (read is not null)
        {
            read.Data = data;
            return UnlessConflictAsync(() => cluster.CoreV1.ReplaceNamespacedSecretAsync(read, settings.Secret, settings.Namespace, cancellationToken: cancellation));
        }

        // The manifests bring an empty Secret, so that the right to create any is not needed; this is for installations that removed it and grant the right.
        var made = new V1Secret { ApiVersion = "v1", Kind = "Secret", Metadata = new V1ObjectMeta { Name = settings.Secret }, Type = "Opaque", Data = data };
        return UnlessConflictAsync(() => cluster.CoreV1.CreateNamespacedSecretAsync(made, settings.Namespace, cancellationToken: cancellation));
    }

    private static async Task<bool> UnlessConflictAsync<T>(Func<Task<T>> call)
    {
        try
        {
            await call();
            return true;
        }
        catch (HttpOperationException refusal) when (refusal.Response.StatusCode == HttpStatusCode.Conflict)
        {
            return false;
        }
    }
}

/// <summary>Whom the webhook configuration tells API servers to trust.</summary>
/// <param name="Version">The configuration's resource version.</param>
/// <param name="Webhooks">Its entries.</param>
internal sealed record WebhookTrust(string Version, IReadOnlyList<TrustingWebhook> Webhooks)
{
    /// <summary>Whether every entry trusts exactly this bundle.</summary>
    public bool Is(byte[] bundle) => Webhooks.All(hook => hook.Bundle.AsSpan().SequenceEqual(bundle));
}

/// <summary>One entry.</summary>
/// <param name="Name">Its name, unique in the configuration.</param>
/// <param name="Bundle">Its <c>caBundle</c>, PEM.</param>
internal sealed record TrustingWebhook(string Name, byte[] Bundle);
