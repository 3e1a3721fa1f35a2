using System.Text.Json.Nodes;
using Stevedore.Webhook.Injection;

namespace Stevedore.Webhook.Tests.Injection.Strategies;

/// <summary>An injected pod that comes again: unchanged, changed by other webhooks, or by somebody who means no good.</summary>
public sealed class ForgedInjectionTests
{
    private static JsonNode Injected(string spec = RuledPod.Shared) => RuledPod.Inject(spec).ShouldBeInjected().Pod;

    private static JsonNode Fetcher(JsonNode pod) => pod["spec"]!["initContainers"]![0]!;

    private static void AddEnv(JsonNode pod, string name, string value) =>
        Fetcher(pod)["env"]!.AsArray().Add(new JsonObject { ["name"] = name, ["value"] = value });

    private static void AddMount(JsonNode pod, string path) =>
        Fetcher(pod)["volumeMounts"]!.AsArray().Add(new JsonObject { ["name"] = "evil", ["mountPath"] = path });

    public static TheoryData<string, Action<JsonNode>> Forgeries => new()
    {
        { "another variable HF_ENDPOINT", pod => AddEnv(pod, "HF_ENDPOINT", "https://evil.example") },
        { "another variable https_proxy", pod => AddEnv(pod, "https_proxy", "http://evil.example") },
        { "another variable LD_PRELOAD", pod => AddEnv(pod, "LD_PRELOAD", "/evil/evil.so") },
        { "another variable STEVEDORE_POD", pod => AddEnv(pod, "STEVEDORE_POD", "other/pod/uid@node") },
        { "another variable STEVEDORE_NODE", pod => Fetcher(pod)["env"]![3]!["valueFrom"]!["fieldRef"]!["fieldPath"] = "metadata.name" },
        { "no variable STEVEDORE_POD_UID", pod => Fetcher(pod)["env"]!.AsArray().RemoveAt(0) },
        { "another envFrom", pod => Fetcher(pod)["envFrom"] = JsonNode.Parse("""[ { "configMapRef": { "name": "evil" } } ]""") },
        { "another mount at /usr/lib", pod => AddMount(pod, "/usr/lib") },
        { "another mount at /", pod => AddMount(pod, "/") },
        { "another mount at /var/cache/stevedore/ns/inference", pod => AddMount(pod, "/var/cache/stevedore/ns/inference") },
        { "other arguments", pod => Fetcher(pod)["args"]![3] = "/var/cache/stevedore/ns/other" },
        { "another security context", pod => Fetcher(pod)["securityContext"]!["runAsUser"] = 0 },
    };

    [Theory]
    [MemberData(nameof(Forgeries))]
    public void Denies_a_fetcher_of_a_shared_cache_that_is_steered_by_somebody_else(string what, Action<JsonNode> forge)
    {
        var pod = Injected();
        forge(pod);

        RuledPod.Again(pod, RuledPod.Shared).ShouldBeDenied(DenyReason.FetcherAltered, what);
    }

    [Fact]
    public void Takes_what_other_webhooks_add_to_every_container()
    {
        var pod = Injected();
        AddEnv(pod, "TZ", "UTC");
        AddEnv(pod, "AWS_ROLE_ARN", "arn");
        AddMount(pod, "/var/run/secrets/eks.amazonaws.com/serviceaccount");

        RuledPod.Again(ServerDefaults.FilledIn(pod), RuledPod.Shared).ShouldBeInjected().Patch.Should().BeEmpty();
    }

    public static TheoryData<string, string, Action<JsonNode>> Foreign => new()
    {
        { RuledPod.Shared, "the volume stevedore-cache", pod => Volume(pod, "stevedore-cache")["persistentVolumeClaim"]!["claimName"] = "secret" },
        { RuledPod.Shared, "a mount of stevedore-cache", pod => Mount(pod, 0)["subPath"] = "ns/other" },
        { RuledPod.Shared, "a mount of stevedore-cache", pod => Mount(pod, 0).Remove("subPath") },
        { RuledPod.Shared, "a mount of stevedore-cache", pod => Mount(pod, 0).Remove("readOnly") },
        { "{ strategy: Native, volume: { nfs: { server: s, path: /p } } }", "a mount of stevedore-cache", pod => Mount(pod, 0).Remove("subPath") },
        { "{ strategy: Lazy, volume: { csi: { driver: d } } }", "a mount of stevedore-cache", pod => Mount(pod, 1)["subPath"] = "x/y" },
        { "{ strategy: Lazy, volume: { csi: { driver: d } } }", "the volume stevedore-cache", pod => Volume(pod, "stevedore-cache")["csi"]!["volumeAttributes"] = new JsonObject { ["bucket"] = "other" } },
        { "{ strategy: Lazy, volume: { csi: { driver: d } } }", "the volume stevedore-redirect", pod => Volume(pod, "stevedore-redirect")["downwardAPI"]!["items"]![0]!["fieldRef"]!["fieldPath"] = "metadata.name" },
        { "{ strategy: Node, volume: { hostPath: { path: /var/lib/stevedore, type: Directory } } }", "the volume stevedore-cache", pod => Volume(pod, "stevedore-cache")["hostPath"]!["path"] = "/" },
        { "{ strategy: Node, volume: { hostPath: { path: /var/lib/stevedore, type: Directory } } }", "the volume stevedore-cache", pod => Volume(pod, "stevedore-cache")["hostPath"]!["type"] = "" },
    };

    [Theory]
    [MemberData(nameof(Foreign))]
    public void Denies_volumes_and_mounts_of_ours_that_lead_elsewhere(string spec, string what, Action<JsonNode> forge)
    {
        var pod = Injected(spec);
        forge(pod);

        RuledPod.Again(pod, spec).ShouldBeDenied(DenyReason.ReservedName, what);
    }

    [Fact]
    public void Writes_a_forged_redirect_anew()
    {
        const string lazy = "{ strategy: Lazy, volume: { csi: { driver: d } } }";
        var pod = Injected(lazy);
        pod["metadata"]!["annotations"]!["stevedore.dev/redirect"] = "a/b\t/etc\n";

        var again = RuledPod.Again(pod, lazy).ShouldBeInjected();

        again.Patch.Should().ContainSingle();
        ((string)again.Pod["metadata"]!["annotations"]!["stevedore.dev/redirect"]!).Should().Be("a/b\t/run/stevedore-models/0\n");
    }

    [Theory]
    [InlineData("{ strategy: Shared, volume: { persistentVolumeClaim: { claimName: other } } }", "ReservedName")]
    [InlineData("{ strategy: Shared, volume: { persistentVolumeClaim: { claimName: models } }, fetcher: { connections: 3 } }", "FetcherAltered")]
    [InlineData("{ strategy: Native }", "FetcherAltered")]
    [InlineData("{ models: { allow: ['hf://c/*'] }, strategy: Shared, volume: { persistentVolumeClaim: { claimName: models } } }", "ModelNotAllowed")]
    public void Denies_where_the_policy_has_changed_between_two_calls(string changed, string reason)
    {
        var again = RuledPod.Again(Injected(), changed);

        again.Answer.Outcome.Should().Be(PodOutcome.Denied);
        again.Answer.Reason.Should().Be(reason);
        if (reason == nameof(DenyReason.FetcherAltered))
            again.Answer.Message.Should().Contain("creating the pod again is enough");
    }

    private static JsonObject Volume(JsonNode pod, string name) => pod["spec"]!["volumes"]!.AsArray().Single(v => (string)v!["name"]! == name)!.AsObject();

    private static JsonObject Mount(JsonNode pod, int index) => pod["spec"]!["containers"]![0]!["volumeMounts"]![index]!.AsObject();
}
