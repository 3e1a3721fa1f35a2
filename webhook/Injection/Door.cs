namespace Stevedore.Webhook.Injection;

/// <summary>The endpoint a pod came through; each fails its own way.</summary>
internal enum Door
{
    /// <summary>The pod itself asks: what it asks for wrongly is denied.</summary>
    Explicit,

    /// <summary>The namespace is labelled and the pod does not ask: never denies, skips with a warning.</summary>
    Detected,
}
