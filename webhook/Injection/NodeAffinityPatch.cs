using System.Text.Json;
using Stevedore.Contract.Layout;
using Stevedore.Webhook.Injection.Strategies;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Injection;

/// <summary>
/// Draws a pod to nodes that hold its models, beside whatever it says of nodes itself: a preference is one more, a requirement is added to each
/// of its alternatives.
/// </summary>
internal static class NodeAffinityPatch
{
    private const string Preferred = "preferredDuringSchedulingIgnoredDuringExecution";
    private const string Required = "requiredDuringSchedulingIgnoredDuringExecution";
    private const string Pointer = "/spec/affinity/nodeAffinity";

    /// <summary>A weight is 1 to 100; that of all models together is the most that one of the pod's own can have.</summary>
    private const int WholeWeight = 100;

    /// <summary>Writes what is missing.</summary>
    public static void Write(PatchWriter patch, PodPlacement placement, NodePreference nodes)
    {
        // A pod that names its node is not scheduled, and the kubelet would turn a requirement against it.
        if (placement.NodeName is not null)
            return;
        var affinity = JsonShape.Object(placement.Affinity, "nodeAffinity");
        if (nodes.IsRequired)
            Require(patch, placement, affinity, nodes.Labels);
        else
            Prefer(patch, placement, affinity, nodes.Labels);
    }

    private static void Prefer(PatchWriter patch, PodPlacement placement, JsonElement affinity, IReadOnlyList<string> labels)
    {
        var list = JsonShape.Member(affinity, Preferred);
        var missing = labels.Where(label => !Items(list).Any(term => Names(JsonShape.Object(term, "preference"), label))).ToList();
        if (missing.Count == 0)
            return;
        AddParents(patch, placement, affinity);
        patch.AddToList($"{Pointer}/{Preferred}", list.ValueKind == JsonValueKind.Array, missing, label =>
        {
            patch.Json.WriteStartObject();
            patch.Json.WriteNumber("weight", Math.Max(1, WholeWeight / labels.Count));
            patch.Json.WritePropertyName("preference");
            WriteTerm(patch, [label]);
            patch.Json.WriteEndObject();
        });
    }

    private static void Require(PatchWriter patch, PodPlacement placement, JsonElement affinity, IReadOnlyList<string> labels)
    {
        var selector = JsonShape.Object(affinity, Required);
        var terms = JsonShape.Member(selector, "nodeSelectorTerms");
        if (!Items(terms).Any())
        {
            AddParents(patch, placement, affinity);
            patch.Add($"{Pointer}/{Required}", () =>
            {
                patch.Json.WriteStartObject();
                patch.WriteList("nodeSelectorTerms", [labels], all => WriteTerm(patch, all));
                patch.Json.WriteEndObject();
            });
            return;
        }

        var index = 0;
        foreach (var term in Items(terms))
        {
            var expressions = JsonShape.Member(term, "matchExpressions");
            // An empty alternative matches no node, and must not begin to match some.
            if (Items(expressions).Any() || Items(JsonShape.Member(term, "matchFields")).Any())
            {
                patch.AddToList(
                    $"{Pointer}/{Required}/nodeSelectorTerms/{index}/matchExpressions",
                    expressions.ValueKind == JsonValueKind.Array,
                    [.. labels.Where(label => !Names(term, label))],
                    label => WriteExpression(patch, label));
            }

            index++;
        }
    }

    private static void AddParents(PatchWriter patch, PodPlacement placement, JsonElement affinity)
    {
        if (placement.Affinity.ValueKind != JsonValueKind.Object)
            patch.AddEmptyObject("/spec/affinity");
        if (affinity.ValueKind != JsonValueKind.Object)
            patch.AddEmptyObject(Pointer);
    }

    private static bool Names(JsonElement term, string label) =>
        Items(JsonShape.Member(term, "matchExpressions")).Any(expression => JsonShape.Text(expression, "key") == label);

    private static JsonElement.ArrayEnumerator Items(JsonElement list) => list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : default;

    private static void WriteTerm(PatchWriter patch, IReadOnlyList<string> labels)
    {
        patch.Json.WriteStartObject();
        patch.WriteList("matchExpressions", labels, label => WriteExpression(patch, label));
        patch.Json.WriteEndObject();
    }

    private static void WriteExpression(PatchWriter patch, string label)
    {
        patch.Json.WriteStartObject();
        patch.Json.WriteString("key", label);
        patch.Json.WriteString("operator", "In");
        patch.WriteList("values", [ModelNodeLabel.Ready], patch.Json.WriteStringValue);
        patch.Json.WriteEndObject();
    }
}
