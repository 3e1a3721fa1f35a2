namespace Stevedore.Webhook.Injection.Strategies;

/// <summary>What a strategy gives to a pod.</summary>
/// <param name="Volumes">The volumes.</param>
/// <param name="Workloads">What the containers get that read the models.</param>
internal sealed record StrategyPlan(IReadOnlyList<PlannedVolume> Volumes, IReadOnlyList<WorkloadAdditions> Workloads)
{
    /// <summary>The init container; null where nothing of ours runs in the pod.</summary>
    public FetchContainer? Fetcher { get; init; }

    /// <summary>The lines of the redirect file that comes through the annotation; null where the fetcher writes the file, or none is needed.</summary>
    public string? Redirect { get; init; }

    /// <summary>On which nodes the pod is best off; null where they are all alike.</summary>
    public NodePreference? Nodes { get; init; }
}

/// <summary>Nodes whose caches hold the pod's models.</summary>
/// <param name="Labels">A label of each model.</param>
/// <param name="IsRequired">Whether no other node will do.</param>
internal sealed record NodePreference(IReadOnlyList<string> Labels, bool IsRequired);
