using System.Text.Json;

namespace Stevedore.Webhook.Pods;

/// <summary>What an injection looks at in a pod. Everything else stays JSON: it is never written back, so it can't be lost.</summary>
/// <param name="Containers">The app containers.</param>
/// <param name="InitContainers">The init containers, native sidecars among them.</param>
/// <param name="Volumes">The volumes.</param>
/// <param name="Security">The pod-level security context.</param>
/// <param name="Resources">The pod-level <c>resources</c>; null where the pod has none.</param>
/// <param name="Placement">What it says of nodes.</param>
/// <param name="Parts">Which of the places that a patch adds to are there.</param>
internal sealed record Pod(
    IReadOnlyList<Container> Containers,
    IReadOnlyList<Container> InitContainers,
    IReadOnlyList<Volume> Volumes,
    SecurityContext Security,
    ContainerResources? Resources,
    PodPlacement Placement,
    PodParts Parts)
{
    /// <summary>Whether the namespace's LimitRange has written defaults into it: it will do so with a container that is added.</summary>
    public bool HasLimitRange { get; init; }

    /// <summary>Init containers first, as they start.</summary>
    public IEnumerable<Container> AllContainers => InitContainers.Concat(Containers);

    /// <summary>A name that two containers bear; null where each has its own, as the API server demands.</summary>
    public string? SharedName => AllContainers.GroupBy(container => container.Name).FirstOrDefault(same => same.Count() > 1)?.Key;
}

/// <summary>Which parents exist, so that a patch knows what to create first. JSON null counts as absent, as it does for Kubernetes.</summary>
internal readonly record struct PodParts(bool Metadata, bool Annotations, bool InitContainers, bool Volumes);

/// <summary>What a pod says of nodes.</summary>
/// <param name="Affinity">Its <c>affinity</c> as it was written; undefined where there is none.</param>
/// <param name="NodeName">The node that it names itself; null where the scheduler chooses.</param>
internal readonly record struct PodPlacement(JsonElement Affinity, string? NodeName);

/// <summary>One container of a pod.</summary>
internal sealed record Container
{
    /// <summary>Unique among all containers of the pod.</summary>
    public required string Name { get; init; }

    /// <summary>Its place in the list that it stands in.</summary>
    public required int Index { get; init; }

    /// <summary>Whether it stands under <c>initContainers</c>.</summary>
    public required bool IsInit { get; init; }

    /// <summary>An init container with <c>restartPolicy: Always</c>: it starts with the others and stays.</summary>
    public bool IsNativeSidecar { get; init; }

    /// <summary>The image; null where a template leaves it out.</summary>
    public string? Image { get; init; }

    /// <summary>What replaces the image's entrypoint; empty for none.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>The arguments.</summary>
    public IReadOnlyList<string> Args { get; init; } = [];

    /// <summary>Where the program starts; null for the image's own.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The variables in the order in which the kubelet sets them.</summary>
    public IReadOnlyList<EnvVariable> Env { get; init; } = [];

    /// <summary>The <c>envFrom</c> entries as they were written.</summary>
    public IReadOnlyList<JsonElement> EnvFrom { get; init; } = [];

    /// <summary>The volume mounts.</summary>
    public IReadOnlyList<VolumeMount> Mounts { get; init; } = [];

    /// <summary>Requests and limits.</summary>
    public ContainerResources Resources { get; init; } = ContainerResources.None;

    /// <summary>The container-level security context.</summary>
    public SecurityContext Security { get; init; } = SecurityContext.None;

    /// <summary>Whether the lists that a patch adds to are there.</summary>
    public bool HasEnv { get; init; }

    /// <inheritdoc cref="HasEnv"/>
    public bool HasEnvFrom { get; init; }

    /// <inheritdoc cref="HasEnv"/>
    public bool HasMounts { get; init; }

    /// <summary>Where it lies, as a JSON Pointer.</summary>
    public string Pointer => $"/spec/{(IsInit ? "initContainers" : "containers")}/{Index}";
}

/// <summary>One entry of <c>env</c>.</summary>
/// <param name="Name">The variable.</param>
/// <param name="Value">The literal value, before <c>$(VAR)</c> is replaced; null where it comes from elsewhere.</param>
/// <param name="Json">The entry as it was written; null for one of ours.</param>
internal sealed record EnvVariable(string Name, string? Value, JsonElement? Json = null)
{
    /// <summary>Whether the value is in a file of a volume that another container writes (<c>valueFrom.fileKeyRef</c>).</summary>
    public bool ComesFromFile { get; init; }
}

/// <summary>One entry of <c>volumeMounts</c>; what is not named here does not matter to whether a path is taken.</summary>
/// <param name="Volume">The volume's name.</param>
/// <param name="Path">The mount path as it was written.</param>
/// <param name="ReadOnly">Whether writing is refused.</param>
/// <param name="SubPath">The part of the volume that is seen.</param>
/// <param name="SubPathExpr">The same with <c>$(VAR)</c> from the container's environment.</param>
internal sealed record VolumeMount(string Volume, string Path, bool ReadOnly, string? SubPath = null, string? SubPathExpr = null);

/// <summary>One volume.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Source">The kind, such as <c>emptyDir</c>; null where there is none.</param>
/// <param name="Json">The volume as it was written.</param>
internal sealed record Volume(string Name, string? Source, JsonElement Json)
{
    private static readonly string[] PassingSources = ["emptyDir", "ephemeral", "configMap", "secret", "projected", "downwardAPI", "image"];

    /// <summary>Whether what is written there outlives the pod.</summary>
    public bool IsPersistent => Source is not null && !PassingSources.Contains(Source);
}

/// <summary>The parts of a security context that decide as whom a container runs.</summary>
/// <param name="RunAsUser">The uid; null for the image's or the pod's.</param>
/// <param name="RunAsGroup">The gid.</param>
/// <param name="Json">The whole as it was written; null where there is none.</param>
internal sealed record SecurityContext(long? RunAsUser, long? RunAsGroup, JsonElement? Json)
{
    /// <summary>Nothing is said.</summary>
    public static readonly SecurityContext None = new(null, null, null);
}

/// <summary>Requests and limits of a container, or of a whole pod.</summary>
/// <param name="Requests">What the scheduler sets aside.</param>
/// <param name="Limits">What must not be exceeded.</param>
internal sealed record ContainerResources(ResourceAmounts Requests, ResourceAmounts Limits)
{
    /// <summary>Nothing is said.</summary>
    public static readonly ContainerResources None = new(default, default);

    /// <summary>The request that counts: what is written, else the limit, as the API server fills it in.</summary>
    public ResourceAmounts EffectiveRequests => new(Requests.Cpu ?? Limits.Cpu, Requests.Memory ?? Limits.Memory);
}

/// <summary>CPUs and bytes; null where nothing is said.</summary>
internal readonly record struct ResourceAmounts(decimal? Cpu, decimal? Memory);
