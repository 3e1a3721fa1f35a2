using System.Text.Json;
using System.Text.Json.Nodes;

namespace Stevedore.Webhook.Preview;

/// <summary>One object of the input: a document, or an item of a document that is a list.</summary>
/// <param name="Json">The object itself; changed in place.</param>
internal sealed record KubernetesObject(JsonObject Json)
{
    private static readonly string[] Identifying = ["apiVersion", "kind", "namespace", "name", "generateName"];

    /// <summary>What people call it: <c>Deployment inference/llama</c>.</summary>
    public string Name => $"{Text(Json, "kind")} {(Namespace is { } place ? $"{place}/" : "")}{Text(Metadata, "name") ?? Text(Metadata, "generateName") ?? "(unnamed)"}";

    /// <summary>The namespace that the object names.</summary>
    public string? Namespace => Text(Metadata, "namespace");

    /// <summary>What tells it from the others in a machine's output.</summary>
    public JsonObject Identity
    {
        get
        {
            var identity = new JsonObject();
            foreach (var (key, value) in Identifying.Select(key => (key, Text(key is "apiVersion" or "kind" ? Json : Metadata, key))))
            {
                if (value is not null)
                    identity[key] = value;
            }

            return identity;
        }
    }

    private JsonObject? Metadata => Json["metadata"] as JsonObject;

    /// <summary>The objects of a document: itself, or where it is a <c>List</c> (<c>PodList</c>, …) its items.</summary>
    /// <exception cref="FormatException">It is no Kubernetes object; the sentence says why.</exception>
    public static IEnumerable<KubernetesObject> In(JsonNode document, string called)
    {
        if (document is not JsonObject json || Text(json, "kind") is not { } kind)
            throw new FormatException($"{called} is no Kubernetes object: it has no kind.");
        if (!kind.EndsWith("List", StringComparison.Ordinal) || !json.TryGetPropertyValue("items", out var items))
            return [new KubernetesObject(json)];
        return items is JsonArray list
            ? list.SelectMany((item, index) => In(item ?? new JsonObject(), $"Item {index + 1} of {char.ToLowerInvariant(called[0])}{called[1..]}"))
            : throw new FormatException($"{called} is a {kind} whose items are no list.");
    }

    private static string? Text(JsonObject? json, string key) =>
        json?[key] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.ToString() : null;
}
