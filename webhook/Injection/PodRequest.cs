using System.Text.Json;

namespace Stevedore.Webhook.Injection;

/// <summary>One pod to decide on, from an admission review or from a file.</summary>
/// <param name="Door">How it came in.</param>
/// <param name="Pod">The pod's JSON as the API server or the user wrote it; read, never changed.</param>
/// <param name="Namespace">The request's namespace: the pod's own may be absent.</param>
/// <param name="NamespaceLabels">The labels of that namespace; empty where they are not known.</param>
internal sealed record PodRequest(Door Door, JsonElement Pod, string Namespace, IReadOnlyDictionary<string, string> NamespaceLabels);
