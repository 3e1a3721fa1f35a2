using System.Text.Json;
using Stevedore.Contract.Values;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Injection;

/// <summary>Everything that a pod is given.</summary>
/// <param name="Fetcher">The init container.</param>
/// <param name="Position">How many init containers stand in front of it.</param>
/// <param name="Volumes">The volumes.</param>
/// <param name="Workloads">What the containers get that read the models.</param>
/// <param name="Status">The value of the status annotation.</param>
internal sealed record InjectionPlan(
    FetchContainer Fetcher,
    int Position,
    IReadOnlyList<PlannedVolume> Volumes,
    IReadOnlyList<WorkloadAdditions> Workloads,
    string Status)
{
    /// <summary>The init container's name.</summary>
    public const string FetcherName = "stevedore-fetch";

    /// <summary>The volume that holds the cache.</summary>
    public const string CacheVolume = "stevedore-cache";

    /// <summary>The volume that holds the view.</summary>
    public const string ViewVolume = "stevedore-view";

    /// <summary>What all our names begin with.</summary>
    public const string NamePrefix = "stevedore-";
}

/// <summary>The init container that fetches.</summary>
/// <param name="Image">The fetcher's image; its entrypoint is the program.</param>
/// <param name="Arguments">Everything that it is told, so that <c>kubectl describe pod</c> shows it.</param>
/// <param name="Access">What it inherits from the workload.</param>
/// <param name="Mounts">Its mounts, the inherited ones among them.</param>
/// <param name="Security">As whom it runs.</param>
/// <param name="Resources">What it asks for.</param>
internal sealed record FetchContainer(
    string Image,
    IReadOnlyList<string> Arguments,
    InheritedAccess Access,
    IReadOnlyList<VolumeMount> Mounts,
    FetcherSecurity Security,
    FetcherResources Resources);

/// <summary>An emptyDir of ours.</summary>
/// <param name="Name">Its name.</param>
/// <param name="SizeLimit">What it may hold; null for no limit of its own.</param>
internal sealed record PlannedVolume(string Name, ByteSize? SizeLimit);

/// <summary>What one container of the workload gets.</summary>
/// <param name="Container">The container.</param>
/// <param name="Env">Variables that it does not set by itself.</param>
/// <param name="Mounts">Mounts, all read-only.</param>
internal sealed record WorkloadAdditions(Container Container, IReadOnlyList<EnvVariable> Env, IReadOnlyList<VolumeMount> Mounts);

/// <summary>What the fetcher takes from the containers that it serves.</summary>
/// <param name="Env">Variables, with those that they refer to in front of them.</param>
/// <param name="EnvFrom">Whole Secrets and ConfigMaps.</param>
/// <param name="Mounts">Mounts that hold files which the variables name, read-only.</param>
/// <param name="CaBundle">Certificate authorities to trust besides the image's; null for none.</param>
internal sealed record InheritedAccess(
    IReadOnlyList<EnvVariable> Env, IReadOnlyList<JsonElement> EnvFrom, IReadOnlyList<VolumeMount> Mounts, string? CaBundle);
