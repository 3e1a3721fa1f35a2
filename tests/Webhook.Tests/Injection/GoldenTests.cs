using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Stevedore.Webhook.Yaml;

namespace Stevedore.Webhook.Tests.Injection;

/// <summary>See <see cref="GoldenCase"/>. With STEVEDORE_UPDATE_GOLDEN=1 what must come of a case is written anew, for a person to read before it is committed.</summary>
public sealed class GoldenTests
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TheoryData<string> Cases => GoldenCase.Names;

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gives_what_was_reviewed(string name)
    {
        var input = GoldenCase.Read(name);
        var injected = input.Inject(input.Pod);
        var answer = injected.Answer;

        var files = new Dictionary<string, string>
        {
            ["answer.json"] = Text(new JsonObject
            {
                ["outcome"] = answer.Outcome.ToString(),
                ["reason"] = answer.Reason,
                ["policy"] = answer.Policy,
                ["strategy"] = answer.Strategy?.ToString(),
                ["message"] = answer.Message,
                ["warnings"] = new JsonArray([.. answer.Warnings.Select(warning => (JsonNode)warning)]),
            }),
            ["patch.json"] = Text(JsonNode.Parse(answer.Patch.Span)!),
            ["out.yaml"] = YamlDocuments.Write(injected.Pod),
        };
        if (Environment.GetEnvironmentVariable("STEVEDORE_UPDATE_GOLDEN") == "1")
            Update(name, files);
        else
            Compare(name, files);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Changes_nothing_the_second_time(string name)
    {
        var input = GoldenCase.Read(name);
        var once = input.Inject(input.Pod);

        var twice = input.Inject(once.Pod);

        twice.Answer.Outcome.Should().Be(once.Answer.Outcome, twice.Answer.Message ?? "");
        JsonNode.Parse(twice.Answer.Patch.Span)!.AsArray().Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Changes_nothing_once_the_API_server_has_filled_in_its_defaults(string name)
    {
        var input = GoldenCase.Read(name);
        var once = input.Inject(ServerDefaults.FilledIn(input.Pod));

        var twice = input.Inject(ServerDefaults.FilledIn(once.Pod));

        twice.Answer.Outcome.Should().Be(once.Answer.Outcome, twice.Answer.Message ?? "");
        twice.Patch.Should().BeEmpty();
    }

    private static string Text(JsonNode node) => node.ToJsonString(Indented) + "\n";

    private static void Compare(string name, Dictionary<string, string> files)
    {
        foreach (var (file, actual) in files)
        {
            var path = Path.Combine(GoldenCase.Folder, name, file);
            var expected = File.Exists(path) ? File.ReadAllText(path) : "";
            if (expected != actual)
                Assert.Fail($"Golden/{name}/{file} differs (- reviewed, + now); STEVEDORE_UPDATE_GOLDEN=1 rewrites it.\n{TextDiff.Of(expected, actual)}");
        }
    }

    private static void Update(string name, Dictionary<string, string> files)
    {
        var source = typeof(GoldenTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "GoldenSource").Value!;
        foreach (var (file, actual) in files)
            File.WriteAllText(Path.Combine(source, name, file), actual);
    }
}
