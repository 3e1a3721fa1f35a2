using System.Text.Json.Nodes;
using CsCheck;
using Stevedore.Webhook.Injection;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Tests.Injection.Strategies;

/// <summary>What holds for every pod under every policy.</summary>
public sealed class RuledPodPropertyTests
{
    private const string Folder = "ns/inference";

    private static readonly HashSet<string> Variables =
        ["HF_HUB_CACHE", "VLLM_MODEL_REDIRECT_PATH", "HF_HUB_OFFLINE", "HF_ENDPOINT", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"];

    [Fact]
    public void Nothing_is_added_but_what_is_ours_and_nothing_replaced() => Sample((pod, policy, injected) =>
    {
        foreach (var operation in injected.Patch)
        {
            ((string)operation!["op"]!).Should().Be("add");
            var path = (string)operation["path"]!;
            IsOurs(path, operation["value"]!, policy).Should().BeTrue("{0} is added", operation.ToJsonString());
            var at = At(pod, path);
            (at is null || path.EndsWith("/stevedore.dev~1status", StringComparison.Ordinal) || IsInList(path)).Should().BeTrue("{0} is there already", path);
        }
    });

    [Fact]
    public void The_second_time_changes_nothing_whatever_the_API_server_did_in_between() => Sample((_, policy, injected) =>
    {
        if (injected.Answer.Outcome != PodOutcome.Injected)
            return;
        foreach (var pod in new[] { injected.Pod, ServerDefaults.FilledIn(injected.Pod) })
        {
            var again = InjectedPod.From(pod, policies: new PolicySet([policy]));
            again.Answer.Outcome.Should().Be(PodOutcome.Injected, again.Answer.Message ?? "");
            again.Patch.Should().BeEmpty();
        }
    });

    [Fact]
    public void No_pod_sees_another_namespaces_folder_or_writes_a_cache() => Sample((_, policy, injected) =>
    {
        if (injected.Answer.Outcome != PodOutcome.Injected)
            return;
        var source = policy.Volumes.For(policy.Strategy);
        var isApart = source is { IsOwn: false } && policy is { Isolation: Isolation.Namespace, Strategy: not Strategy.Lazy };
        foreach (var mount in Workloads(injected).SelectMany(container => Objects(container, "volumeMounts")).Where(m => (string)m["name"]! == "stevedore-cache"))
        {
            if (isApart)
                ((string?)mount["subPath"]).Should().Match(path => path == Folder || path.StartsWith(Folder + "/", StringComparison.Ordinal));
            ((bool?)mount["readOnly"] ?? false).Should().Be(policy.Strategy != Strategy.Native);
        }

        if (isApart && Fetcher(injected) is { } fetcher)
            fetcher["args"]!.AsArray().Select(arg => (string)arg!).SkipWhile(arg => arg != "--cache").ElementAt(1).Should().EndWith("/" + Folder);
    });

    [Fact]
    public void Only_the_policy_says_which_image_runs_and_which_volume_holds_the_cache() => Sample((_, policy, injected) =>
    {
        if (injected.Answer.Outcome != PodOutcome.Injected)
            return;
        ((string?)Fetcher(injected)?["image"] ?? "stevedore/fetcher:0.1.0").Should().Be("stevedore/fetcher:0.1.0");
        foreach (var volume in Objects(injected.Pod["spec"], "volumes").Where(volume => (string?)volume["name"] == "stevedore-cache"))
        {
            var source = policy.Volumes.For(policy.Strategy)!;
            volume.ContainsKey(source.Kind).Should().BeTrue();
            if (source.Kind != "emptyDir")
                JsonNode.DeepEquals(volume[source.Kind], JsonNode.Parse(source.Json.GetProperty(source.Kind).GetRawText())).Should().BeTrue();
        }
    });

    [Fact]
    public void A_fetcher_of_a_shared_cache_is_steered_by_the_policy_alone() => Sample((_, policy, injected) =>
    {
        if (injected.Answer.Outcome != PodOutcome.Injected || Fetcher(injected) is not { } fetcher || policy.Volumes.For(policy.Strategy) is not { IsOwn: false })
            return;
        fetcher["envFrom"].Should().BeNull();
        var steering = Objects(fetcher, "env").Where(v => SharedCacheGuard.Steers((string)v["name"]!)).Select(v => ((string)v["name"]!, (string?)v["value"]));
        steering.Where(v => !v.Item1.StartsWith("STEVEDORE_", StringComparison.Ordinal) && v.Item1 is not ("HF_TOKEN" or "HF_TOKEN_PATH" or "HUGGING_FACE_HUB_TOKEN"))
            .Should().BeSubsetOf([("HF_ENDPOINT", "https://hub.internal"), ("HTTPS_PROXY", "http://p:1")]);
    });

    [Fact]
    public void The_detected_door_never_denies() => Gen.Select(GenPod.Any, GenPolicy.Any).Sample(
        (pod, policy) => InjectedPod.From(pod, Door.Detected, policies: new PolicySet([policy])).Answer.Outcome != PodOutcome.Denied, iter: 1_000);

    [Fact]
    public void Every_strategy_is_generated_often_enough_to_prove_something()
    {
        var injected = new Dictionary<Strategy, int>();
        Sample((_, policy, pod) =>
        {
            lock (injected)
                injected[policy.Strategy] = injected.GetValueOrDefault(policy.Strategy) + (pod.Answer.Outcome == PodOutcome.Injected ? 1 : 0);
        });

        injected.Should().HaveCount(7).And.OnlyContain(strategy => strategy.Value >= 5);
    }

    private static void Sample(Action<JsonNode, InjectionPolicy, InjectedPod> check) => Gen.Select(GenPod.Any, GenPolicy.Any).Sample(
        (any, policy) =>
        {
            var pod = Suited(any, policy);
            check(pod, policy, InjectedPod.From(pod, policies: new PolicySet([policy])));
        },
        iter: 1_500);

    /// <summary>Under a policy that mounts images, a pod that asks for one.</summary>
    private static JsonNode Suited(JsonNode any, InjectionPolicy policy)
    {
        var pod = any.DeepClone();
        if (policy.Strategy == Strategy.Image && pod["metadata"]?["annotations"]?["stevedore.dev/model"] is not null)
            pod["metadata"]!["annotations"]!["stevedore.dev/model"] = "oci://ghcr.io/a/b:1";
        return pod;
    }

    private static bool IsOurs(string path, JsonNode value, InjectionPolicy policy)
    {
        var parts = path.Split('/')[1..];
        return parts switch
        {
            ["metadata"] or ["metadata", "annotations"] or ["spec", "affinity"] or ["spec", "affinity", "nodeAffinity"] => value is JsonObject { Count: 0 },
            ["metadata", "annotations", var name] => name is "stevedore.dev~1status" or "stevedore.dev~1redirect",
            ["spec", "volumes", ..] => All(value, volume => ((string)volume["name"]!).StartsWith("stevedore-", StringComparison.Ordinal)),
            ["spec", "initContainers"] or ["spec", "initContainers", _] => All(value, container => (string)container["name"]! == "stevedore-fetch"),
            ["spec", "containers", _, "env", ..] => All(value, variable => Variables.Contains((string)variable["name"]!)),
            ["spec", "containers", _, "envFrom", ..] => policy.Strategy == Strategy.Native && All(value, entry => (string?)entry["secretRef"]?["name"] == policy.CredentialsSecret),
            ["spec", "containers", _, "volumeMounts", ..] => All(value, mount => ((string)mount["name"]!).StartsWith("stevedore-", StringComparison.Ordinal)),
            ["spec", "affinity", "nodeAffinity", ..] => policy.Strategy == Strategy.Node && value.ToJsonString().Contains("models.stevedore.dev/", StringComparison.Ordinal),
            _ => false,
        };
    }

    private static bool All(JsonNode value, Predicate<JsonNode> check) =>
        value is JsonArray list ? list.All(item => check(item!)) : check(value);

    private static bool IsInList(string path) => path.EndsWith("/-", StringComparison.Ordinal) || char.IsAsciiDigit(path[^1]);

    private static JsonNode? At(JsonNode pod, string path) => path.Split('/')[1..].Aggregate((JsonNode?)pod, (node, part) => node switch
    {
        JsonObject map => map[part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)],
        JsonArray list when int.TryParse(part, out var index) && index < list.Count => list[index],
        _ => null,
    });

    private static JsonNode? Fetcher(InjectedPod pod) => Objects(pod.Pod["spec"], "initContainers").FirstOrDefault(c => (string?)c["name"] == "stevedore-fetch");

    private static IEnumerable<JsonObject> Workloads(InjectedPod pod) => Objects(pod.Pod["spec"], "containers");

    private static IEnumerable<JsonObject> Objects(JsonNode? parent, string name) => (parent?[name] as JsonArray ?? []).OfType<JsonObject>();
}
