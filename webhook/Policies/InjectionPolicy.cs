using Stevedore.Contract.Layout;

namespace Stevedore.Webhook.Policies;

/// <summary>The cluster's rules for some pods: one <c>ModelCachePolicy</c>, read and found valid.</summary>
internal sealed record InjectionPolicy
{
    /// <summary>The name of the rules that apply where no policy does; no object may take it.</summary>
    public const string BuiltInName = "built-in";

    /// <summary>What applies where nothing else is said: the pod's own init container fills an emptyDir.</summary>
    public static readonly InjectionPolicy BuiltIn = new() { Name = BuiltInName };

    /// <summary>The name, as the status annotation and denials show it.</summary>
    public required string Name { get; init; }

    /// <summary>The generation of the object that it came from; 0 for the built-in one and for a file's.</summary>
    public long Generation { get; init; }

    /// <summary>Of the policies that select a pod the one with the highest priority wins, then the first by name.</summary>
    public int Priority { get; init; }

    /// <summary>The namespaces that it is for.</summary>
    public LabelSelector NamespaceSelector { get; init; } = LabelSelector.Everything;

    /// <summary>The pods that it is for.</summary>
    public LabelSelector PodSelector { get; init; } = LabelSelector.Everything;

    /// <summary>Whether pods of this policy are injected at all.</summary>
    public InjectionSwitch Injection { get; init; } = InjectionSwitch.Enabled;

    /// <summary>Which models may be brought.</summary>
    public ModelRules Models { get; init; } = ModelRules.Any;

    /// <summary>The strategy where neither the pod nor its namespace chooses one.</summary>
    public Strategy Strategy { get; init; } = Strategy.Local;

    /// <summary>What a pod or a namespace may choose.</summary>
    public IReadOnlyList<Strategy> AllowedStrategies { get; init; } = [Strategy.Local];

    /// <summary>The volume that holds the cache.</summary>
    public CacheVolumes Volumes { get; init; } = CacheVolumes.None;

    /// <summary>Who sees whose models on a shared volume.</summary>
    public Isolation Isolation { get; init; } = Isolation.Namespace;

    /// <summary>Where models come from instead of where their references say; the rule with the longest prefix that fits counts.</summary>
    public IReadOnlyList<SourceRule> Sources { get; init; } = [];

    /// <summary>The Hub to ask; null for the public one.</summary>
    public Uri? HubEndpoint { get; init; }

    /// <summary>The S3 service to ask.</summary>
    public S3Settings S3 { get; init; } = S3Settings.Aws;

    /// <summary>The Secret in the pod's namespace whose keys the fetcher gets as environment; null for none.</summary>
    public string? CredentialsSecret { get; init; }

    /// <summary>Certificate authorities in the pod's namespace; null for the system's alone.</summary>
    public CaBundle? CaBundle { get; init; }

    /// <summary>The way out of the cluster.</summary>
    public ProxySettings Proxy { get; init; } = ProxySettings.None;

    /// <summary>Whether workloads run with <c>HF_HUB_OFFLINE=1</c> where they do not say otherwise.</summary>
    public bool Offline { get; init; }

    /// <summary>Where the cache is mounted, in the fetcher and in the workload; absolute and normalised.</summary>
    public string MountPath { get; init; } = CacheLayout.DefaultMountPath;

    /// <summary>How much <see cref="Strategy.Node"/> minds where the model is already.</summary>
    public NodePlacement NodePlacement { get; init; } = NodePlacement.Preferred;

    /// <summary>Where models lie in the volume of <see cref="Strategy.Lazy"/>.</summary>
    public LazyPath LazyPath { get; init; } = LazyPath.Default;

    /// <summary>The init container.</summary>
    public FetcherRules Fetcher { get; init; } = FetcherRules.Default;
}
