namespace Stevedore.Webhook.Injection;

/// <summary>
/// Why a pod was left as it is. The names are what warnings, logs and metrics show. What a pod of the detected door can't be given is skipped
/// too, under the name of the <see cref="DenyReason"/> that the explicit door would give.
/// </summary>
internal enum SkipReason
{
    /// <summary>What is reviewed is no pod that is being created.</summary>
    NotANewPod,

    /// <summary>Nothing asks at this door: no annotation <c>model</c>, no label; or the namespace is not labelled <c>enabled</c>.</summary>
    NotRequested,

    /// <summary>The pod asks by itself, so the explicit door decides and not the detected one.</summary>
    AsksItself,

    /// <summary>The pod says <c>stevedore.dev/inject: "false"</c>, as an annotation or as a label.</summary>
    OptedOut,

    /// <summary>The namespace is labelled <c>stevedore.dev/inject: disabled</c>.</summary>
    NamespaceDisabled,

    /// <summary>The policy says <c>injection: Disabled</c>.</summary>
    PolicyDisabled,

    /// <summary>The API server's picture of a static pod, which can't be changed.</summary>
    MirrorPod,

    /// <summary>The pod runs on Windows, and the fetcher does not.</summary>
    WindowsPod,

    /// <summary>Detected, and no container is recognised as vLLM.</summary>
    NoVllm,

    /// <summary>Detected, and the Hugging Face cache already lies on a persistent volume of the pod's own.</summary>
    AlreadyCached,

    /// <summary>Every model that the command line names lies in a volume of the pod's own.</summary>
    AlreadyMounted,
}
