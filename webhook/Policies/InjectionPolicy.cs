using Stevedore.Contract.Layout;

namespace Stevedore.Webhook.Policies;

/// <summary>The cluster's rules for one pod.</summary>
internal sealed record InjectionPolicy
{
    /// <summary>What applies where nothing else is said: the pod's own init container fills an emptyDir.</summary>
    public static readonly InjectionPolicy BuiltIn = new() { Name = "built-in" };

    /// <summary>The name, as the status annotation and denials show it.</summary>
    public required string Name { get; init; }

    /// <summary>The generation of the object that it came from; 0 for the built-in one.</summary>
    public long Generation { get; init; }

    /// <summary>The strategy where neither the pod nor its namespace chooses one.</summary>
    public Strategy Strategy { get; init; } = Strategy.Local;

    /// <summary>What a pod or a namespace may choose.</summary>
    public IReadOnlyList<Strategy> AllowedStrategies { get; init; } = [Strategy.Local];

    /// <summary>Where the cache is mounted, in the fetcher and in the workload.</summary>
    public string MountPath { get; init; } = CacheLayout.DefaultMountPath;

    /// <summary>The fetcher's image; null for the webhook's <c>--fetcher-image</c>.</summary>
    public string? FetcherImage { get; init; }

    /// <summary>Whether workloads run with <c>HF_HUB_OFFLINE=1</c> where they do not say otherwise.</summary>
    public bool Offline { get; init; }
}
