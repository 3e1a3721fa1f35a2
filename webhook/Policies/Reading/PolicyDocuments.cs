using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Stevedore.Webhook.Yaml;

namespace Stevedore.Webhook.Policies.Reading;

/// <summary>What a text of policies gave.</summary>
/// <param name="Policies">The policies; empty where anything is wrong with any of them.</param>
/// <param name="Problems">All that is wrong, a sentence each, which begins with the policy's name or place.</param>
internal sealed record PolicyTexts(IReadOnlyList<InjectionPolicy> Policies, IReadOnlyList<string> Problems);

/// <summary>Policies as people write them: YAML or JSON, several documents or a List, as <c>kubectl get mcpol -o yaml</c> prints one.</summary>
internal static class PolicyDocuments
{
    private static readonly JsonSerializerOptions Deep = new() { MaxDepth = YamlDocuments.MaxDepth + 2 };

    /// <summary>Reads all of them, and tells all that is wrong at once.</summary>
    public static PolicyTexts Read(TextReader text)
    {
        IReadOnlyList<JsonNode> documents;
        try
        {
            documents = YamlDocuments.Read(text);
        }
        catch (DecoderFallbackException)
        {
            return new PolicyTexts([], ["This is not UTF-8 text, as YAML and JSON must be."]);
        }
        catch (FormatException e)
        {
            return new PolicyTexts([], [e.Message]);
        }

        var problems = new List<string>();
        var policies = new List<InjectionPolicy>();
        foreach (var (place, json) in documents.SelectMany((document, i) => Objects(document, $"document {i + 1}")))
        {
            var read = PolicyReader.Read(JsonSerializer.SerializeToElement(json, Deep));
            problems.AddRange(read.Problems.Select(problem => $"{read.Name ?? place}: {problem}"));
            if (read.Name is { } name && policies.Exists(other => other.Name == name))
                problems.Add($"{name}: metadata.name: is the name of two policies; rename one.");
            else if (read.Policy is { } policy)
                policies.Add(policy);
        }

        if (documents.Count == 0)
            problems.Add("There is no policy in it; write at least one, or leave --policy out.");
        return new PolicyTexts(problems.Count == 0 ? policies : [], problems);
    }

    private static IEnumerable<(string Place, JsonNode? Json)> Objects(JsonNode document, string place) =>
        document is JsonObject list && list["kind"] is JsonValue kind && kind.ToString().EndsWith("List", StringComparison.Ordinal) && list["items"] is JsonArray items
            ? items.Select((item, i) => ($"item {i + 1} of {place}", item))
            : [(place, document)];
}
