namespace Stevedore.Webhook.Injection;

/// <summary>
/// Why a pod was refused at the explicit door, or skipped at the detected one. The names are what warnings, logs and metrics show.
/// </summary>
internal enum DenyReason
{
    /// <summary>The pod's JSON has not the shape of a pod.</summary>
    MalformedPod,

    /// <summary>The <c>stevedore.dev/</c> annotations are larger than 64 KiB together.</summary>
    AnnotationsTooLarge,

    /// <summary>More than 32 models.</summary>
    TooManyModels,

    /// <summary>An annotation or a label of ours has a value that can't be read.</summary>
    InvalidAnnotation,

    /// <summary>A model reference that can't be read.</summary>
    InvalidReference,

    /// <summary>No policy has the name that the pod or its namespace asks for.</summary>
    PolicyNotFound,

    /// <summary>The policy that the pod or its namespace asks for does not select them.</summary>
    PolicyNotForPod,

    /// <summary>The policy does not allow one of the models.</summary>
    ModelNotAllowed,

    /// <summary>The pod wants another endpoint, proxy or certificate authority than the policy, for a cache that others read.</summary>
    EndpointNotAllowed,

    /// <summary>The policy does not allow the strategy that the pod or its namespace asks for.</summary>
    StrategyNotAllowed,

    /// <summary>The strategy can't bring models of that scheme.</summary>
    SchemeNotSupported,

    /// <summary><c>stevedore.dev/containers</c> names a container that the pod has not.</summary>
    UnknownContainer,

    /// <summary>None of several containers is recognised as vLLM.</summary>
    AmbiguousContainer,

    /// <summary>Neither the annotation nor a command line says which model.</summary>
    NoModel,

    /// <summary>One model is asked for in two versions.</summary>
    ContradictingRevision,

    /// <summary>The name by which the workload calls its model can't be passed on.</summary>
    UnusableName,

    /// <summary>A <c>file://</c> model in no mount of the pod.</summary>
    FileNotMounted,

    /// <summary>A mount of the pod's own lies where the cache, the view or a model would be mounted.</summary>
    PathTaken,

    /// <summary>The pod brings or mounts a <c>stevedore-</c> volume, or has a container of that name, by itself.</summary>
    ReservedName,

    /// <summary>The pod has a <c>stevedore-fetch</c> that is not the one it would be given.</summary>
    FetcherAltered,
}
