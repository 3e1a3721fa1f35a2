using System.Text.Json.Nodes;
using Stevedore.Contract;
using Stevedore.Webhook.Commands;
using Stevedore.Webhook.Preview;
using Stevedore.Webhook.Tests.Admission;
using Stevedore.Webhook.Tests.Injection;
using Stevedore.Webhook.Yaml;

namespace Stevedore.Webhook.Tests.Serving;

/// <summary>What the injection's golden cases say is what comes over the wire, and what the preview shows.</summary>
public sealed class RecordedReviewTests(RecordedReviewTests.Wire wire) : IClassFixture<RecordedReviewTests.Wire>
{
    public static TheoryData<string> Cases => GoldenCase.Names;

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Comes_over_the_wire_as_the_golden_case_says_and_as_it_is_previewed(string name)
    {
        var golden = GoldenCase.Read(name);

        var response = await wire.AnswerAsync(golden);

        var answer = golden.Json("answer.json")!;
        var isDenied = (string?)answer["outcome"] == "Denied";
        ((bool)response["allowed"]!).Should().Be(!isDenied);
        JsonNode.DeepEquals(response["warnings"] ?? new JsonArray(), answer["warnings"]).Should().BeTrue();
        foreach (var annotation in new[] { "outcome", "reason", "policy", "strategy" })
            ((string?)response["auditAnnotations"]![annotation]).Should().Be((string?)answer[annotation]);
        if (isDenied)
            ((string?)response["status"]!["message"]).Should().Be((string?)answer["message"]);

        var patch = response["patch"] is { } base64 ? Convert.FromBase64String((string)base64!) : "[]"u8.ToArray();
        JsonNode.DeepEquals(JsonNode.Parse(patch), golden.Json("patch.json")).Should().BeTrue();
        Preview(golden, PreviewOutput.Yaml).Should().Be(isDenied ? "" : YamlDocuments.Write(InjectedPod.Apply(golden.Pod, patch)));
        if (!isDenied)
            JsonNode.Parse(Preview(golden, PreviewOutput.Patch))!.ToJsonString().Should().Be(JsonNode.Parse(patch)!.ToJsonString());
    }

    private static string Preview(GoldenCase golden, PreviewOutput output)
    {
        using var text = new StringReader(golden.Pod.ToJsonString());
        using var printed = new StringWriter();
        var settings = new PreviewSettings("-", golden.Door, "inference", golden.Labels, output, InjectedPod.Settings);
        var end = new Previewer(Decide(golden), settings, new Terminal(text, printed, TextWriter.Null)).Run();
        end.Should().Be((string?)golden.Json("answer.json")!["outcome"] == "Denied" ? ExitCode.WrongContent : ExitCode.Done);
        return printed.ToString();
    }

    private static Webhook.Admission.PodDecision Decide(GoldenCase golden) => request => golden.Injector.Answer(request, golden.Policies);

    /// <summary>One server for all cases; they come one after the other, and each decides under its own policies.</summary>
    public sealed class Wire : IAsyncLifetime
    {
        private RunningServer? _server;
        private HttpClient? _client;
        private GoldenCase? _case;

        public async ValueTask InitializeAsync()
        {
            _server = await RunningServer.StartAsync(request => Decide(_case!)(request));
            _client = _server.Client();
        }

        internal async Task<JsonNode> AnswerAsync(GoldenCase golden)
        {
            _case = golden;
            return await _client!.AnswerAsync(golden.Review, golden.Door.ToString().ToLowerInvariant());
        }

        public async ValueTask DisposeAsync()
        {
            _client?.Dispose();
            if (_server is not null)
                await _server.DisposeAsync();
        }
    }
}
