using System.Text.Json.Nodes;
using Stevedore.Webhook.Policies;
using Stevedore.Webhook.Policies.Reading;
using Stevedore.Webhook.Yaml;

namespace Stevedore.Webhook.Tests.Policies;

/// <summary>The CRD and the reader say the same: whoever adds a field to one is told of the other.</summary>
public sealed class CustomResourceTests
{
    private static readonly JsonObject Spec = Document("modelcachepolicies.yaml").Single()["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!.AsObject();

    /// <summary>What is passed on as it is written; the reader looks no further, or only at what Kubernetes would refuse.</summary>
    private static readonly string[] Verbatim =
        ["spec.volume", .. Enum.GetNames<Strategy>().Select(strategy => $"spec.volumes.{strategy}"), "spec.fetcher.resources", "spec.fetcher.env[].valueFrom"];

    /// <summary>Every document of the examples that is a policy.</summary>
    public static TheoryData<string> Examples => [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Examples"))
        .SelectMany(file => Document(file).Where(IsPolicy).Select((_, i) => $"{Path.GetFileName(file)}#{i}")).Order(StringComparer.Ordinal)];

    [Fact]
    public void Every_field_of_one_is_in_the_other() => Walk(Spec, "spec").Select(node => node.Path).Where(path => path != "spec")
        .Should().BeEquivalentTo(PolicyReader.Catalogue().Keys);

    [Fact]
    public void Every_enumeration_has_the_same_words_in_the_same_order()
    {
        var ofSchema = Walk(Spec, "spec").Where(node => Words(node.Schema) is not null).ToDictionary(node => node.Path, node => Words(node.Schema)!);
        var ofReader = PolicyReader.Catalogue().Where(field => field.Value.Count > 0).ToDictionary(field => field.Key, field => field.Value);

        ofSchema.Keys.Should().BeEquivalentTo(ofReader.Keys);
        foreach (var (path, words) in ofReader)
            ofSchema[path].Should().Equal(words, path);
    }

    [Fact]
    public void Every_kind_of_volume_of_one_is_in_the_other()
    {
        foreach (var volume in new[] { Spec["properties"]!["volume"]!, Spec["properties"]!["volumes"]!["properties"]!["Local"]! })
            volume["properties"]!.AsObject().Select(kind => kind.Key).Should().BeEquivalentTo(VolumeReader.Kinds);
    }

    [Fact]
    public void Defaults_change_nothing_about_what_is_read()
    {
        var defaults = new JsonObject();
        foreach (var (path, schema) in Walk(Spec, "spec").Where(node => node.Schema["default"] is not null))
            defaults[path["spec.".Length..]] = schema["default"]!.DeepClone();
        defaults.Should().NotBeEmpty();

        PolicyText.Valid(PolicyText.With(defaults.ToJsonString())).Should().BeEquivalentTo(PolicyText.Valid(PolicyText.With("{}")));
    }

    /// <summary>CEL's costs are estimated from these bounds; an API server refuses a schema whose rules could be dear.</summary>
    [Fact]
    public void Every_list_text_and_map_is_bounded()
    {
        foreach (var (path, schema) in Walk(Spec, "spec"))
        {
            var bound = (string?)schema["type"] switch
            {
                "array" => "maxItems",
                "string" when schema["enum"] is null && !path.EndsWith("].value", StringComparison.Ordinal) => schema["pattern"]?.ToString().Contains("{0,62}", StringComparison.Ordinal) == true ? "pattern" : "maxLength",
                "object" when schema["additionalProperties"] is not null => "maxProperties",
                _ => null,
            };
            if (bound is not null)
                schema[bound].Should().NotBeNull($"{path} needs {bound}");
        }
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_policy_of_the_examples_is_valid(string example)
    {
        var (file, index) = (example.Split('#')[0], int.Parse(example.Split('#')[1], System.Globalization.CultureInfo.InvariantCulture));
        var policy = Document(Path.Combine("Examples", file)).Where(IsPolicy).ElementAt(index);

        PolicyText.Read(policy.ToJsonString()).Problems.Should().BeEmpty();
    }

    private static IEnumerable<(string Path, JsonObject Schema)> Walk(JsonObject schema, string path)
    {
        yield return (path, schema);
        if (Verbatim.Contains(path))
            yield break;
        var below = schema["properties"] as JsonObject ?? schema["items"]?["properties"] as JsonObject ?? [];
        var prefix = schema["items"] is null ? path : path + "[]";
        foreach (var (name, child) in below)
        {
            foreach (var node in Walk(child!.AsObject(), $"{prefix}.{name}"))
                yield return node;
        }
    }

    private static IReadOnlyList<string>? Words(JsonObject schema) =>
        (schema["enum"] ?? schema["items"]?["enum"])?.AsArray().Select(word => word!.ToString()).ToList();

    private static bool IsPolicy(JsonNode document) => (string?)document["kind"] == PolicyReader.Kind;

    private static IReadOnlyList<JsonNode> Document(string file)
    {
        using var text = new StreamReader(Path.Combine(AppContext.BaseDirectory, file));
        return YamlDocuments.Read(text);
    }
}
