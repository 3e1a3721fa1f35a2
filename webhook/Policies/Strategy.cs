namespace Stevedore.Webhook.Policies;

/// <summary>Who fills the cache and where it lives.</summary>
internal enum Strategy
{
    /// <summary>vLLM downloads by itself.</summary>
    Native,

    /// <summary>The pod's own init container fills a volume of the pod's own.</summary>
    Local,

    /// <summary>A volume that many nodes share, filled by whoever comes first.</summary>
    Shared,

    /// <summary>A volume of the node, filled by the first pod or by a prefetch Job.</summary>
    Node,

    /// <summary>Filled by prefetch Jobs; pods only wait for it.</summary>
    Prepopulated,

    /// <summary>The model is a container image that the kubelet mounts.</summary>
    Image,

    /// <summary>A CSI driver loads on demand.</summary>
    Lazy,
}
