using System.Text.Json;
using Stevedore.Contract.CommandLine;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Policies;

/// <summary>What a policy says of the init container.</summary>
internal sealed record FetcherRules
{
    /// <summary>Who owns shared caches unless the policy says otherwise: "nonroot" of the distroless images.</summary>
    public const long DefaultUser = 65532;

    /// <summary>Nothing is said.</summary>
    public static readonly FetcherRules Default = new();

    /// <summary>The image; null for the webhook's <c>--fetcher-image</c>.</summary>
    public string? Image { get; init; }

    /// <summary>When to pull it; null leaves it to Kubernetes.</summary>
    public ImagePullPolicy? ImagePullPolicy { get; init; }

    /// <summary>A <c>ResourceRequirements</c> as it was written; null for <c>auto</c>.</summary>
    public JsonElement? Resources { get; init; }

    /// <summary>Connections that may be open at once.</summary>
    public int Connections { get; init; } = FetchCommand.DefaultConnections;

    /// <summary>How what is already published is trusted.</summary>
    public Verification Verification { get; init; } = Verification.Size;

    /// <summary>How long to wait for another fetcher or for a prefetch Job; null where nothing is said.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>Variables for the fetcher, as they were written.</summary>
    public IReadOnlyList<EnvVariable> Env { get; init; } = [];

    /// <summary>The user that fills and owns shared caches; never root.</summary>
    public long RunAsUser { get; init; } = DefaultUser;

    /// <summary>Its group.</summary>
    public long RunAsGroup { get; init; } = DefaultUser;
}
