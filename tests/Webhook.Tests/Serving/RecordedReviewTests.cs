using System.Text.Json.Nodes;
using Stevedore.Contract;
using Stevedore.Webhook.Commands;
using Stevedore.Webhook.Injection;
using Stevedore.Webhook.Policies;
using Stevedore.Webhook.Preview;
using Stevedore.Webhook.Tests.Admission;

namespace Stevedore.Webhook.Tests.Serving;

/// <summary>What the injection's golden cases say is what comes over the wire, and what the preview shows.</summary>
public sealed class RecordedReviewTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Golden");

    public static TheoryData<string> Cases => [.. Directory.GetDirectories(Folder)
        .Where(folder => File.Exists(Path.Combine(folder, "in.json"))).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Comes_over_the_wire_as_the_golden_case_says(string name)
    {
        await using var server = await RunningServer.StartAsync();
        using var client = server.Client();

        var response = await client.AnswerAsync(Case(name, "in.json")!, DoorOf(name).ToString().ToLowerInvariant());

        var patch = Case(name, "patch.json")!.AsArray();
        var answer = Case(name, "answer.json")!;
        response["allowed"]!.GetValue<bool>().Should().Be(answer["outcome"]!.GetValue<string>() != "Denied");
        response["auditAnnotations"]!["reason"]!.GetValue<string>().Should().Be(answer["reason"]!.GetValue<string>());
        JsonNode.DeepEquals(response["warnings"] ?? new JsonArray(), answer["warnings"]).Should().BeTrue();
        var sent = response["patch"] is { } base64 ? JsonNode.Parse(Convert.FromBase64String(base64.GetValue<string>())) : new JsonArray();
        JsonNode.DeepEquals(sent, patch).Should().BeTrue(sent!.ToJsonString());
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Is_previewed_as_the_golden_case_says(string name)
    {
        Preview(name, PreviewOutput.Yaml).Should().Be(File.ReadAllText(Path.Combine(Folder, name, "out.yaml")));
        JsonNode.DeepEquals(JsonNode.Parse(Preview(name, PreviewOutput.Patch)), Case(name, "patch.json")).Should().BeTrue();
    }

    private static string Preview(string name, PreviewOutput output)
    {
        using var text = new StringReader(Case(name, "in.json")!["request"]!["object"]!.ToJsonString());
        using var printed = new StringWriter();
        var injection = new InjectionSettings("stevedore/fetcher:0.1.0");
        var settings = new PreviewSettings("-", DoorOf(name), "default", new Dictionary<string, string>(), output, injection);
        new Previewer(pod => new PodInjector(injection).Answer(pod, PolicySet.Empty), settings, new Terminal(text, printed, TextWriter.Null)).Run().Should().Be(ExitCode.Done);
        return printed.ToString();
    }

    private static Door DoorOf(string name) =>
        Case(name, "request.json")?["door"] is { } door ? Enum.Parse<Door>(door.GetValue<string>()) : Door.Explicit;

    private static JsonNode? Case(string name, string file)
    {
        var path = Path.Combine(Folder, name, file);
        return File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path)) : null;
    }
}
