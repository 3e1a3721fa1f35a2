using System.Text.Json;
using System.Text.Json.Nodes;
using Stevedore.Webhook.Pods;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Injection.Strategies;

/// <summary>What a policy says of the way to the sources, as variables, volumes and mounts.</summary>
internal static class PolicyAccess
{
    /// <summary>The bundle's name below <see cref="BundleFolder"/>.</summary>
    public const string BundleFile = "ca.crt";

    /// <summary>Where the certificate authorities are mounted.</summary>
    public const string BundleFolder = "/run/stevedore-ca";

    /// <summary>The mount of the certificate authorities.</summary>
    public static readonly VolumeMount BundleMount = new(InjectionPlan.BundleVolume, BundleFolder, ReadOnly: true);

    /// <summary>The Hub's address and the proxies, as huggingface_hub and the fetcher read them alike.</summary>
    public static IEnumerable<EnvVariable> Variables(InjectionPolicy policy)
    {
        if (policy.HubEndpoint is { } hub)
            yield return new EnvVariable("HF_ENDPOINT", hub.OriginalString.TrimEnd('/'));
        if (policy.Proxy.Http is { } http)
            yield return new EnvVariable("HTTP_PROXY", http.OriginalString);
        if (policy.Proxy.Https is { } https)
            yield return new EnvVariable("HTTPS_PROXY", https.OriginalString);
        if (policy.Proxy.Exceptions.Count > 0)
            yield return new EnvVariable("NO_PROXY", string.Join(',', policy.Proxy.Exceptions));
    }

    /// <summary>The policy's Secret as an <c>envFrom</c> entry; null for none.</summary>
    public static JsonElement? Credentials(InjectionPolicy policy) => policy.CredentialsSecret is { } secret
        ? JsonElement.Parse(new JsonObject { ["secretRef"] = new JsonObject { ["name"] = secret } }.ToJsonString())
        : null;
}
