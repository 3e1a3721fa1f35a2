using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.JsonPatch.SystemTextJson;
using Stevedore.Webhook.Admission;
using Stevedore.Webhook.Injection;

namespace Stevedore.Webhook.Preview;

/// <summary>What became of one object.</summary>
/// <param name="Object">The object, changed.</param>
/// <param name="Patch">The operations that changed it, with paths from the object's root.</param>
/// <param name="Messages">What there is to say, a sentence each.</param>
/// <param name="IsDenied">Whether one of its pods would be denied.</param>
internal sealed record PreviewedObject(KubernetesObject Object, JsonArray Patch, IReadOnlyList<string> Messages, bool IsDenied);

/// <summary>Does to an object what the webhook would do to the pods made from it.</summary>
internal sealed class ObjectInjection(PodDecision decide, PreviewSettings settings)
{
    /// <summary>Injects into every pod of the object.</summary>
    public PreviewedObject Inject(KubernetesObject target)
    {
        var patch = new JsonArray();
        var messages = new List<string>();
        var denied = false;
        foreach (var path in PodTemplates.In(target.Json).ToList())
        {
            var answer = Decide(target, path);
            denied |= answer.Outcome == PodOutcome.Denied;
            messages.AddRange(Messages(target, answer));
            foreach (var operation in Operations(answer.Patch, path))
                patch.Add(operation);
        }

        Apply(patch, target.Json);
        return new PreviewedObject(target, patch, messages, denied);
    }

    private PodAnswer Decide(KubernetesObject target, string path)
    {
        using var pod = JsonDocument.Parse(
            PodTemplates.Pod(target.Json, path).ToJsonString(), new JsonDocumentOptions { MaxDepth = Yaml.YamlDocuments.MaxDepth });
        return decide(new PodRequest(settings.Door, pod.RootElement, target.Namespace ?? settings.Namespace, settings.NamespaceLabels));
    }

    private static IEnumerable<string> Messages(KubernetesObject target, PodAnswer answer)
    {
        if (answer is { Outcome: not PodOutcome.Injected, Message: { } sentence })
            yield return $"{target.Name}: {(answer.Outcome == PodOutcome.Denied ? "denied" : "skipped")} ({answer.Reason}): {sentence}";

        // The reason for a skip is among the warnings too, shortened to what an admission response may carry.
        foreach (var warning in answer.Warnings.Where(w => answer.Message is null || !$"stevedore: {answer.Message}".StartsWith(w.TrimEnd('…'), StringComparison.Ordinal)))
            yield return $"{target.Name}: warning: {warning}";
    }

    /// <summary>The pod's operations, moved to where the object keeps the pod.</summary>
    private static IEnumerable<JsonNode> Operations(ReadOnlyMemory<byte> patch, string path)
    {
        if (patch.IsEmpty)
            yield break;
        foreach (var operation in JsonNode.Parse(patch.Span)!.AsArray())
        {
            var moved = operation!.DeepClone().AsObject();
            moved["path"] = path + moved["path"]!.GetValue<string>();
            if (moved["from"] is { } from)
                moved["from"] = path + from.GetValue<string>();
            yield return moved;
        }
    }

    private static void Apply(JsonArray patch, JsonObject target)
    {
        if (patch.Count > 0)
            patch.Deserialize<JsonPatchDocument>()!.ApplyTo(target);
    }
}
