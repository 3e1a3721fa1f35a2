using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.JsonPatch.SystemTextJson;
using Stevedore.Webhook.Injection;
using Stevedore.Webhook.Policies;
using Stevedore.Webhook.Yaml;

namespace Stevedore.Webhook.Tests.Injection;

/// <summary>A pod that went through the injector, and what came of it.</summary>
internal sealed record InjectedPod(PodAnswer Answer, JsonNode Pod)
{
    public static readonly IReadOnlyDictionary<string, string> Enabled = new Dictionary<string, string>
    {
        ["kubernetes.io/metadata.name"] = "inference",
        ["stevedore.dev/inject"] = "enabled",
    };

    public static readonly IReadOnlyDictionary<string, string> Unlabelled = new Dictionary<string, string>
    {
        ["kubernetes.io/metadata.name"] = "inference",
    };

    public static InjectionSettings Settings { get; } = new("stevedore/fetcher:0.1.0");

    public static PodInjector Injector { get; } = new(Settings, FixedServerVersion.Unknown);

    public JsonArray Patch => JsonNode.Parse(Answer.Patch.Span)!.AsArray();

    public JsonNode Fetcher => Pod["spec"]!["initContainers"]!.AsArray().Single(c => (string)c!["name"]! == "stevedore-fetch")!;

    /// <summary>The fetcher's arguments behind <c>fetch</c>, without those that every pod has.</summary>
    public string Args => string.Join(' ', Fetcher["args"]!.AsArray().Select(arg => (string)arg!))
        .Replace("fetch ", "", StringComparison.Ordinal)
        .Replace(" --cache /var/cache/stevedore --view /run/stevedore", "", StringComparison.Ordinal);

    public JsonNode Container(int index = 0) => Pod["spec"]!["containers"]![index]!;

    public static InjectedPod FromYaml(string yaml, Door door = Door.Explicit, IReadOnlyDictionary<string, string>? labels = null, PolicySet? policies = null) =>
        From(YamlDocuments.Read(new StringReader(yaml)).Single(), door, labels, policies);

    public static InjectedPod From(
        JsonNode pod, Door door = Door.Explicit, IReadOnlyDictionary<string, string>? labels = null, PolicySet? policies = null, PodInjector? injector = null)
    {
        using var document = JsonDocument.Parse(pod.ToJsonString());
        labels ??= door == Door.Detected ? Enabled : Unlabelled;
        var answer = (injector ?? Injector).Answer(new PodRequest(door, document.RootElement, "inference", labels), policies ?? PolicySet.Empty);
        return new InjectedPod(answer, Apply(pod, answer.Patch));
    }

    /// <summary>Applies the patch as an API server would, to a copy.</summary>
    public static JsonNode Apply(JsonNode pod, ReadOnlyMemory<byte> patch)
    {
        var document = JsonSerializer.Deserialize<JsonPatchDocument>(patch.Span)!;
        var copy = pod.DeepClone();
        document.ApplyTo(copy);
        return copy;
    }

    /// <summary>The values of a container's variables; null for what comes from elsewhere.</summary>
    public static Dictionary<string, string?> Env(JsonNode container) =>
        (container["env"]?.AsArray() ?? []).ToDictionary(v => (string)v!["name"]!, v => (string?)v!["value"]);

    /// <summary>A container's mounts as <c>volume path[ ro][ sub=…]</c>.</summary>
    public static IEnumerable<string> Mounts(JsonNode container) => (container["volumeMounts"]?.AsArray() ?? []).Select(m =>
        $"{m!["name"]} {m["mountPath"]}{((bool?)m["readOnly"] == true ? " ro" : "")}{(m["subPath"] is { } sub ? $" sub={sub}" : "")}"
        + (m["subPathExpr"] is { } expression ? $" expr={expression}" : ""));

    public InjectedPod ShouldBeInjected()
    {
        Answer.Outcome.Should().Be(PodOutcome.Injected, Answer.Message ?? "");
        Answer.Reason.Should().Be("None");
        return this;
    }

    public void ShouldBeDenied(DenyReason reason, string because)
    {
        Answer.Outcome.Should().Be(PodOutcome.Denied);
        Answer.Reason.Should().Be(reason.ToString());
        Answer.Message.Should().Contain(because);
        Patch.Should().BeEmpty();
    }

    public void ShouldBeSkipped(string reason, bool warns)
    {
        Answer.Outcome.Should().Be(PodOutcome.Skipped);
        Answer.Reason.Should().Be(reason);
        Answer.Message.Should().NotBeNullOrEmpty();
        Answer.Warnings.Should().HaveCount(warns ? 1 : 0);
        Patch.Should().BeEmpty();
    }
}
