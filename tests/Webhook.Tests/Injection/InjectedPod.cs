using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.JsonPatch.SystemTextJson;
using Stevedore.Webhook.Injection;

namespace Stevedore.Webhook.Tests.Injection;

/// <summary>A pod that went through the injector, and what came of it.</summary>
internal sealed record InjectedPod(PodAnswer Answer, JsonNode Pod)
{
    public static readonly IReadOnlyDictionary<string, string> Enabled = new Dictionary<string, string>
    {
        ["kubernetes.io/metadata.name"] = "inference",
        ["stevedore.dev/inject"] = "enabled",
    };

    public static readonly IReadOnlyDictionary<string, string> Unlabelled = new Dictionary<string, string> { ["kubernetes.io/metadata.name"] = "inference" };

    public static PodInjector Injector { get; } = new(new InjectionSettings("stevedore/fetcher:0.1.0"));

    public static InjectedPod From(JsonNode pod, Door door = Door.Explicit, IReadOnlyDictionary<string, string>? labels = null)
    {
        using var document = JsonDocument.Parse(pod.ToJsonString());
        var answer = Injector.Answer(new PodRequest(door, document.RootElement, "inference", labels ?? (door == Door.Detected ? Enabled : Unlabelled)));
        return new InjectedPod(answer, Apply(pod, answer.Patch));
    }

    /// <summary>Applies the patch as an API server would, to a copy.</summary>
    public static JsonNode Apply(JsonNode pod, ReadOnlyMemory<byte> patch)
    {
        var document = JsonSerializer.Deserialize<JsonPatchDocument>(patch.Span)!;
        var copy = pod.DeepClone();
        document.ApplyTo(copy);
        return copy;
    }
}
