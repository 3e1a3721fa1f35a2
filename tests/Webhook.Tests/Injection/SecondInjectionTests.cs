using System.Text.Json.Nodes;
using Stevedore.Webhook.Injection;

namespace Stevedore.Webhook.Tests.Injection;

public sealed class SecondInjectionTests
{
    private const string Yaml = """
        metadata: { annotations: { stevedore.dev/model: s3://bkt/x/, stevedore.dev/size-hint: 2G } }
        spec:
          volumes: [ { name: secrets, secret: { secretName: s } } ]
          containers:
          - name: vllm
            image: vllm/vllm-openai
            args: [/models/x]
            env: [ { name: HF_TOKEN_PATH, value: /secrets/token } ]
            volumeMounts: [ { name: secrets, mountPath: /secrets } ]
          - { name: other, image: x }
        """;

    private static JsonNode Injected() => InjectedPod.FromYaml(Yaml).ShouldBeInjected().Pod;

    private static JsonArray List(JsonNode pod, string name) => pod["spec"]![name]!.AsArray();

    private static JsonNode Fetcher(JsonNode pod) => List(pod, "initContainers")[0]!;

    [Fact]
    public void Changes_nothing() => InjectedPod.From(Injected()).ShouldBeInjected().Patch.Should().BeEmpty();

    [Fact]
    public void Changes_nothing_where_others_have_added_to_the_fetcher_and_around_it()
    {
        var pod = Injected();
        var fetcher = Fetcher(pod);
        fetcher["terminationMessagePath"] = "/dev/termination-log";
        fetcher["imagePullPolicy"] = "IfNotPresent";
        fetcher["env"]!.AsArray().Add(new JsonObject { ["name"] = "AWS_ROLE_ARN", ["value"] = "arn" });
        fetcher["volumeMounts"]!.AsArray().Add(new JsonObject { ["name"] = "token", ["mountPath"] = "/var/run/secrets/token", ["readOnly"] = true });
        fetcher["resources"] = JsonNode.Parse("""{ "requests": { "cpu": "3" } }""");
        List(pod, "initContainers").Insert(0, JsonNode.Parse("""{ "name": "istio-init", "image": "x" }"""));
        List(pod, "initContainers").Add(JsonNode.Parse("""{ "name": "late", "image": "x" }"""));
        List(pod, "volumes").Add(JsonNode.Parse("""{ "name": "token", "projected": {} }"""));
        // The API server writes quantities in its own way.
        List(pod, "volumes").Single(v => (string)v!["name"]! == "stevedore-cache")!["emptyDir"]!["sizeLimit"] = "2G";

        InjectedPod.From(pod).ShouldBeInjected().Patch.Should().BeEmpty();
    }

    [Fact]
    public void Adds_what_has_come_to_the_workload_since()
    {
        var pod = Injected();
        pod["spec"]!["containers"]![0]!["env"]!.AsArray().Add(new JsonObject { ["name"] = "AWS_ROLE_ARN", ["value"] = "arn" });

        var patch = InjectedPod.From(pod).ShouldBeInjected().Patch;

        patch.Should().ContainSingle();
        patch[0]!.ToJsonString().Should().Be("""{"op":"add","path":"/spec/initContainers/0/env/-","value":{"name":"AWS_ROLE_ARN","value":"arn"}}""");
    }

    [Fact]
    public void Restores_what_was_taken_from_the_workload()
    {
        var pod = Injected();
        pod["spec"]!["containers"]![0]!.AsObject().Remove("env");
        Fetcher(pod).AsObject().Remove("env");

        InjectedPod.From(pod).ShouldBeInjected().Patch.Should().ContainSingle()
            .Which!["path"]!.ToString().Should().Be("/spec/containers/0/env");
    }

    public static TheoryData<string, Action<JsonNode>> Alterations => new()
    {
        { "another image", fetcher => fetcher["image"] = "evil/fetcher:1" },
        { "a command of its own", fetcher => fetcher["command"] = new JsonArray("sh") },
        { "other arguments", fetcher => fetcher["args"]!.AsArray().Add("--connections=1") },
        { "other arguments", fetcher => fetcher["args"]![1] = "s3://other/x/" },
        { "another restart policy", fetcher => fetcher["restartPolicy"] = "Always" },
        { "another security context", fetcher => fetcher["securityContext"]!["runAsUser"] = 1 },
        { "another security context", fetcher => fetcher["securityContext"]!["privileged"] = true },
        { "another security context", fetcher => fetcher.AsObject().Remove("securityContext") },
    };

    [Theory]
    [MemberData(nameof(Alterations))]
    public void Denies_a_fetcher_that_is_not_the_one_it_would_give(string what, Action<JsonNode> alter)
    {
        var pod = Injected();
        alter(Fetcher(pod));

        InjectedPod.From(pod).ShouldBeDenied(DenyReason.FetcherAltered, what);
    }

    public static TheoryData<string, Action<JsonNode>> Foreign => new()
    {
        { "the volume stevedore-cache", pod => Volume(pod, "stevedore-cache").Add("hostPath", new JsonObject { ["path"] = "/" }) },
        { "the volume stevedore-cache", pod => Volume(pod, "stevedore-cache")["emptyDir"]!["sizeLimit"] = "3G" },
        { "the volume stevedore-view", pod => Volume(pod, "stevedore-view")["emptyDir"]!["medium"] = "Memory" },
        { "the volume stevedore-more", pod => List(pod, "volumes").Add(JsonNode.Parse("""{ "name": "stevedore-more", "emptyDir": {} }""")) },
        { "a mount of stevedore-cache at /var/cache/stevedore", pod => pod["spec"]!["containers"]![0]!["volumeMounts"]![1]!["readOnly"] = false },
        { "a mount of stevedore-cache at /x in container \"other\"", pod => pod["spec"]!["containers"]![1]!["volumeMounts"] = Mount("stevedore-cache", "/x") },
        { "a mount of stevedore-cache at /x in container \"late\"", pod => List(pod, "initContainers").Add(new JsonObject { ["name"] = "late", ["volumeMounts"] = Mount("stevedore-cache", "/x") }) },
        { "a container named stevedore-fetch", pod => List(pod, "containers").Add(JsonNode.Parse("""{ "name": "stevedore-fetch" }""")) },
        { "a container named stevedore-fetch", pod => List(pod, "initContainers").Add(Fetcher(pod).DeepClone()) },
    };

    [Theory]
    [MemberData(nameof(Foreign))]
    public void Denies_what_would_ride_along_with_the_cache(string what, Action<JsonNode> alter)
    {
        var pod = Injected();
        alter(pod);

        InjectedPod.From(pod).ShouldBeDenied(DenyReason.ReservedName, what);
    }

    [Theory]
    [InlineData("volumes: [ { name: stevedore-cache, hostPath: { path: / } } ]", "")]
    [InlineData("volumes: [ { name: stevedore-anything, emptyDir: {} } ]", "")]
    [InlineData("", "volumeMounts: [ { name: stevedore-cache, mountPath: /x } ]")]
    [InlineData("initContainers: [ { name: i, image: x, volumeMounts: [ { name: stevedore-view, mountPath: /x } ] } ]", "")]
    public void Denies_a_first_time_that_brings_our_names(string spec, string container) => InjectedPod.FromYaml($$"""
        metadata: { annotations: { stevedore.dev/model: hf://a/b } }
        spec:
          {{spec}}
          containers: [ { name: vllm, image: vllm/vllm-openai, {{container}} } ]
        """).ShouldBeDenied(DenyReason.ReservedName, "use another name");

    private static JsonObject Volume(JsonNode pod, string name) => List(pod, "volumes").Single(v => (string)v!["name"]! == name)!.AsObject();

    private static JsonArray Mount(string volume, string path) => new(new JsonObject { ["name"] = volume, ["mountPath"] = path });
}
