using System.Text.Json.Nodes;
using Stevedore.Webhook.Policies;
using Stevedore.Webhook.Tests.Policies;
using Stevedore.Webhook.Yaml;

namespace Stevedore.Webhook.Tests.TruthTable;

/// <summary>One row of <c>table.md</c>.</summary>
/// <param name="Line">Its line number.</param>
/// <param name="Pod">The pod.</param>
/// <param name="Labels">The namespace's labels.</param>
/// <param name="Policies">The policies in force.</param>
/// <param name="AtExplicit">The outcome at the explicit door.</param>
/// <param name="AtDetected">The outcome at the detected one.</param>
internal sealed record TruthRow(
    int Line, JsonNode Pod, IReadOnlyDictionary<string, string> Labels, PolicySet Policies, string AtExplicit, string AtDetected);

/// <summary>The page <c>table.md</c>, read.</summary>
internal static class TruthTable
{
    private const string Prefix = "stevedore.dev/";

    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "TruthTable", "table.md"));
    private static readonly JsonObject Pods = Block("## Pods");
    private static readonly JsonObject Policies = Block("## Policies");

    /// <summary>All rows, by their line numbers.</summary>
    public static IReadOnlyDictionary<int, TruthRow> Rows { get; } =
        Lines.Select((text, i) => (text, line: i + 1)).Where(row => IsRow(row.text)).Select(row => Read(row.text, row.line)).ToDictionary(row => row.Line);

    private static bool IsRow(string line) => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| pod ", StringComparison.Ordinal);

    private static TruthRow Read(string text, int line)
    {
        var cells = text.Trim().Trim('|').Split('|').Select(cell => cell.Trim()).ToList();
        cells.Should().HaveCount(6, "line {0} has as many columns", line);
        var pod = new JsonObject { ["metadata"] = Metadata(Flow(cells[1])), ["spec"] = Pods[cells[0]]!.DeepClone() };
        var labels = Flow(cells[2]).ToDictionary(label => label.Key == "tier" ? label.Key : Prefix + label.Key, label => (string)label.Value!);
        labels["kubernetes.io/metadata.name"] = "inference";
        var policies = cells[3].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return new TruthRow(line, pod, labels, new PolicySet(policies.Select(Policy)), cells[4], cells[5]);
    }

    private static InjectionPolicy Policy(string name) => PolicyText.Valid(PolicyText.With(Policies[name]!.ToJsonString(), name));

    /// <summary>The metadata, with the prefix in front of names that have none, and the long texts in place.</summary>
    private static JsonObject Metadata(JsonObject asks)
    {
        var metadata = new JsonObject();
        foreach (var (kind, entries) in asks)
        {
            var named = new JsonObject();
            foreach (var (name, value) in entries!.AsObject())
            {
                named[name.Contains('/', StringComparison.Ordinal) || name == "batch" ? name : Prefix + name] = (string)value! switch
                {
                    "{64KiB}" => "hf://a/" + new string('b', 64 << 10),
                    "{33 models}" => string.Join(',', Enumerable.Range(0, 33).Select(i => $"hf://a/m{i}")),
                    var text => text,
                };
            }

            metadata[kind] = named;
        }

        return metadata;
    }

    private static JsonObject Flow(string cell) => Yaml(cell.Trim('`'));

    private static JsonObject Block(string heading)
    {
        var block = Lines.SkipWhile(line => line != heading).SkipWhile(line => line != "```yaml").Skip(1).TakeWhile(line => line != "```");
        return Yaml(string.Join('\n', block));
    }

    private static JsonObject Yaml(string text) => YamlDocuments.Read(new StringReader(text)).Single().AsObject();
}
