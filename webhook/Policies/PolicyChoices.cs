namespace Stevedore.Webhook.Policies;

/// <summary>Whether the pods of a policy are injected.</summary>
internal enum InjectionSwitch
{
    /// <summary>As far as the two doors let them in.</summary>
    Enabled,

    /// <summary>Never, whoever asks.</summary>
    Disabled,
}

/// <summary>Who sees whose models on a volume that many pods share.</summary>
internal enum Isolation
{
    /// <summary>Each namespace has a folder of its own and mounts nothing else.</summary>
    Namespace,

    /// <summary>One cache for all; the Hub's gating is asked only of whoever comes first, so the allowed models must be listed.</summary>
    Cluster,
}

/// <summary>Whether the place that a reference names may be asked when every mirror fails.</summary>
internal enum OriginalUse
{
    /// <summary>As the last resort.</summary>
    Allowed,

    /// <summary>Never.</summary>
    Forbidden,
}

/// <summary>How much the scheduler minds which nodes hold the model.</summary>
internal enum NodePlacement
{
    /// <summary>They come first, others are taken too.</summary>
    Preferred,

    /// <summary>No other node will do.</summary>
    Required,
}

/// <summary>When a kubelet asks the registry (https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy).</summary>
internal enum ImagePullPolicy
{
    /// <summary>Before every start.</summary>
    Always,

    /// <summary>Where the node has no such image.</summary>
    IfNotPresent,

    /// <summary>Never.</summary>
    Never,
}
