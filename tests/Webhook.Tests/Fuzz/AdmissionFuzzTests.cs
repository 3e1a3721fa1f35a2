using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Stevedore.Webhook.Admission;
using Stevedore.Webhook.Injection;
using Stevedore.Webhook.Tests.Injection;
using Stevedore.Webhook.Tests.Policies;

namespace Stevedore.Webhook.Tests.Fuzz;

/// <summary>
/// Recorded reviews, changed at random, through everything between the socket and the answer. Here it takes the same road each time, for 20 s; <c>make fuzz</c>
/// goes another one for five minutes. A failure names its seed, and <c>STEVEDORE_FUZZ_SEED</c> with <c>STEVEDORE_FUZZ_SECONDS=0</c> plays that one again.
/// </summary>
public sealed class AdmissionFuzzTests(ITestOutputHelper output)
{
    private static readonly IReadOnlyList<GoldenCase> Cases =
        [.. Directory.GetDirectories(GoldenCase.Folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal).Select(GoldenCase.Read)];

    private static readonly IReadOnlyList<string> Words = [.. Cases.SelectMany(one => Texts(one.Pod)).Distinct().Order(StringComparer.Ordinal)];

    private readonly Dictionary<string, int> _outcomes = [];
    private string _last = "";

    [Fact]
    public void Whatever_comes_gets_an_answer_and_every_patch_applies()
    {
        var seconds = Setting("STEVEDORE_FUZZ_SECONDS") ?? 20;
        var first = Setting("STEVEDORE_FUZZ_SEED") ?? 1;
        var started = Stopwatch.GetTimestamp();
        var seed = first;
        do
        {
            try
            {
                Try(new Random(seed));
            }
            catch (Exception failure)
            {
                Assert.Fail($"STEVEDORE_FUZZ_SEED={seed} STEVEDORE_FUZZ_SECONDS=0 plays it again: {failure}\n{_last}");
            }

            seed = unchecked(seed + 1);
        }
        while (Stopwatch.GetElapsedTime(started).TotalSeconds < seconds);

        output.WriteLine($"{unchecked(seed - first)} reviews from seed {first}: {string.Join(", ", _outcomes.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Value} {pair.Key}"))}");
        if (seconds >= 20)
            _outcomes.Keys.Should().Contain(["Injected", "Denied", "Skipped", "Refused"], "a fuzzer that never gets far tests nothing");
    }

    private void Try(Random random)
    {
        var mutator = new JsonMutator(random, Words);
        var (one, rules) = (Cases[random.Next(Cases.Count)], Cases[random.Next(Cases.Count)]);
        if (random.Next(10) == 0)
            _ = PolicyText.Read(Encoding.UTF8.GetString(mutator.Spoil(Encoding.UTF8.GetBytes(PolicyText.Complete))));
        var policies = random.Next(3) == 0 ? rules.Policies : one.Policies;
        var reviewer = new Reviewer(request => one.Injector.Answer(request, policies));

        var review = Review(one.Pod);
        mutator.Change(random.Next(10) == 0 ? review : review["request"]!["object"]!);
        var bytes = Encoding.UTF8.GetBytes(review.ToJsonString());
        _last = review.ToJsonString();
        var read = ReviewReader.Read(new ReadOnlySequence<byte>(random.Next(5) == 0 ? mutator.Spoil(bytes) : bytes));
        if (read.Request is not { } request)
        {
            read.Refusal!.Status.Should().BeInRange(400, 499);
            Count("Refused");
            return;
        }

        if (!Reviewer.IsNewPod(request))
        {
            Count("NotANewPod");
            return;
        }

        var door = random.Next(4) == 0 ? Door.Detected : one.Door;
        var labels = door == Door.Detected ? InjectedPod.Enabled : one.Labels;
        var answer = Answer(reviewer, door, request, labels);
        Count(answer.Allowed ? answer.Patch is null ? "Skipped" : "Injected" : "Denied");
        if (answer.Patch is { } patch && Tree(request.Object) is { } pod)
        {
            var injected = InjectedPod.Apply(pod, patch);
            using var document = JsonDocument.Parse(injected.ToJsonString());
            var again = Answer(reviewer, door, request with { Object = document.RootElement }, labels);
            again.Allowed.Should().BeTrue(again.Status?.Message ?? "");
            (again.Patch is null).Should().BeTrue("what is injected already is left alone");
        }
    }

    /// <summary>An answer as it would go over the wire; a broken decision throws.</summary>
    private static AdmissionResponse Answer(Reviewer reviewer, Door door, AdmissionRequest request, IReadOnlyDictionary<string, string> labels)
    {
        var response = reviewer.Review(door, request, labels).Response!;
        var review = new AdmissionReview { ApiVersion = AdmissionReview.Version, Kind = AdmissionReview.KindName, Response = response };
        JsonSerializer.SerializeToUtf8Bytes(review, AdmissionJson.Default.AdmissionReview).Should().NotBeEmpty();
        (response.Allowed || door == Door.Explicit).Should().BeTrue("the detected door never denies");
        return response;
    }

    private static JsonNode Review(JsonNode pod) => new JsonObject
    {
        ["apiVersion"] = "admission.k8s.io/v1",
        ["kind"] = "AdmissionReview",
        ["request"] = new JsonObject
        {
            ["uid"] = Guid.Empty.ToString(),
            ["operation"] = "CREATE",
            ["namespace"] = "inference",
            ["resource"] = new JsonObject { ["group"] = "", ["version"] = "v1", ["resource"] = "pods" },
            ["object"] = pod.DeepClone(),
        },
    };

    /// <summary>The pod as a tree that a patch can be applied to; null where a name stands twice in it or a text is none, which no API server sends.</summary>
    private static JsonNode? Tree(JsonElement pod)
    {
        try
        {
            var tree = JsonNode.Parse(pod.GetRawText(), documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false })!;
            _ = tree.ToJsonString();
            return tree;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject fields => fields.SelectMany(field => Texts(field.Value).Prepend(field.Key)),
        JsonArray items => items.SelectMany(Texts),
        JsonValue value when value.TryGetValue<string>(out var text) && text.Length < 300 => [text],
        _ => [],
    };

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;

    private void Count(string outcome) => _outcomes[outcome] = _outcomes.GetValueOrDefault(outcome) + 1;
}
