using System.Text.Json.Nodes;

namespace Stevedore.Webhook.Yaml;

/// <summary>Kubernetes objects as people write them: YAML or JSON, one document or several.</summary>
/// <remarks>
/// Reading agrees with kubectl, which reads YAML with go-yaml 2 (sigs.k8s.io/yaml): <c>yes</c>, <c>on</c> and <c>y</c> are booleans and
/// <c>010</c> is eight, as in YAML 1.1. Where kubectl loses something silently this reader does not: integers and fractions keep all
/// their digits, and a key that is there twice is refused.
/// </remarks>
internal static class YamlDocuments
{
    /// <summary>How deep mappings and sequences may be nested. The deepest custom resource definitions in use stay below 50.</summary>
    public const int MaxDepth = 200;

    /// <summary>Every document that is not empty, in order.</summary>
    /// <exception cref="DocumentException">The text is neither YAML nor JSON, or it says something that JSON can't hold.</exception>
    public static IReadOnlyList<JsonNode> Read(TextReader reader)
    {
        var text = reader.ReadToEnd();
        return JsonDocuments.TryRead(text) ?? new YamlReader(text).Read();
    }

    /// <summary>One document in block style, its keys in their own order, ending with a newline.</summary>
    public static string Write(JsonNode document) => new YamlWriter().Write(document);

    /// <summary>Several documents, separated by <c>---</c>.</summary>
    public static string Write(IEnumerable<JsonNode> documents) => string.Join("---\n", documents.Select(Write));
}
