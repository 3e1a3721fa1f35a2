using System.Text.Json;
using Stevedore.Webhook.Injection.Strategies;
using Stevedore.Webhook.Pods;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Injection;

/// <summary>Everything that a pod is given.</summary>
/// <param name="Strategy">What the strategy gives.</param>
/// <param name="Position">How many init containers stand in front of the fetcher.</param>
/// <param name="Status">The value of the status annotation.</param>
internal sealed record InjectionPlan(StrategyPlan Strategy, int Position, string Status)
{
    /// <summary>The init container's name.</summary>
    public const string FetcherName = "stevedore-fetch";

    /// <summary>The volume that holds the cache.</summary>
    public const string CacheVolume = "stevedore-cache";

    /// <summary>The volume that holds the view.</summary>
    public const string ViewVolume = "stevedore-view";

    /// <summary>The volume that holds the policy's certificate authorities.</summary>
    public const string BundleVolume = "stevedore-ca";

    /// <summary>The volume that shows the redirect annotation as a file.</summary>
    public const string RedirectVolume = "stevedore-redirect";

    /// <summary>What the names of volumes begin with that hold a model already.</summary>
    public const string ModelVolume = "stevedore-model-";

    /// <summary>What all our names begin with.</summary>
    public const string NamePrefix = "stevedore-";
}

/// <summary>The init container that fetches.</summary>
/// <param name="Image">The fetcher's image; its entrypoint is the program.</param>
/// <param name="PullPolicy">When it is pulled; null leaves it to Kubernetes.</param>
/// <param name="Arguments">Everything that it is told, so that <c>kubectl describe pod</c> shows it.</param>
/// <param name="Access">With what it reaches the sources.</param>
/// <param name="Mounts">Its mounts, those of its access among them.</param>
/// <param name="Security">As whom it runs.</param>
/// <param name="Resources">What it asks for.</param>
internal sealed record FetchContainer(
    string Image,
    ImagePullPolicy? PullPolicy,
    IReadOnlyList<string> Arguments,
    FetcherAccess Access,
    IReadOnlyList<VolumeMount> Mounts,
    FetcherSecurity Security,
    FetcherResources Resources)
{
    /// <summary>Whether it writes what others will read.</summary>
    public bool FillsSharedCache { get; init; }
}

/// <summary>What one container of the workload gets.</summary>
/// <param name="Container">The container.</param>
/// <param name="Env">Variables that it does not set by itself.</param>
/// <param name="Mounts">Mounts.</param>
internal sealed record WorkloadAdditions(Container Container, IReadOnlyList<EnvVariable> Env, IReadOnlyList<VolumeMount> Mounts)
{
    /// <summary>Secrets whose keys become variables.</summary>
    public IReadOnlyList<JsonElement> EnvFrom { get; init; } = [];
}

/// <summary>With what the fetcher reaches the sources.</summary>
/// <param name="Env">Variables, with those that they refer to in front of them.</param>
/// <param name="EnvFrom">Whole Secrets and ConfigMaps.</param>
/// <param name="Mounts">Mounts that hold files which the variables name, read-only.</param>
/// <param name="CaBundle">Certificate authorities to trust besides the image's; null for none.</param>
internal sealed record FetcherAccess(
    IReadOnlyList<EnvVariable> Env, IReadOnlyList<JsonElement> EnvFrom, IReadOnlyList<VolumeMount> Mounts, string? CaBundle);
