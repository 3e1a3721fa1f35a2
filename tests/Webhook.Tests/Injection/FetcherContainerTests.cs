using System.Text.Json.Nodes;

namespace Stevedore.Webhook.Tests.Injection;

public sealed class FetcherContainerTests
{
    private static InjectedPod Pod(string spec, string container = "", string annotations = "example.com/x: y") => InjectedPod.FromYaml($$"""
        metadata: { annotations: { stevedore.dev/model: hf://a/b, {{annotations}} } }
        spec:
          containers:
          - { name: vllm, image: vllm/vllm-openai, {{container}} }
          {{spec}}
        """).ShouldBeInjected();

    private static string Security(InjectedPod pod, string name) => pod.Fetcher["securityContext"]![name]?.ToJsonString() ?? "";

    [Fact]
    public void Meets_the_restricted_standard() => Pod("").Fetcher["securityContext"]!.ToJsonString().Should().Be(
        """{"runAsNonRoot":true,"runAsUser":65532,"runAsGroup":65532,"allowPrivilegeEscalation":false,"readOnlyRootFilesystem":true,"capabilities":{"drop":["ALL"]},"seccompProfile":{"type":"RuntimeDefault"}}""");

    [Fact]
    public void Has_no_command_and_no_restart_policy()
    {
        var fetcher = Pod("").Fetcher.AsObject();

        fetcher.Should().NotContainKey("command").And.NotContainKey("restartPolicy");
        ((string)fetcher["image"]!).Should().Be("stevedore/fetcher:0.1.0");
    }

    [Theory]
    [InlineData("securityContext: { runAsUser: 1000, fsGroup: 2000 }", "", "1000", "")]
    [InlineData("securityContext: { runAsUser: 0 }", "", "65532", "65532")]
    [InlineData("", "securityContext: { runAsUser: 1000680000, runAsGroup: 7 }", "1000680000", "7")]
    [InlineData("securityContext: { runAsUser: 1000 }", "securityContext: { runAsUser: 0 }", "65532", "65532")]
    [InlineData("securityContext: { runAsUser: 0 }", "securityContext: { runAsUser: 5 }", "5", "")]
    [InlineData("securityContext: { runAsNonRoot: true }", "", "65532", "65532")]
    public void Runs_as_the_workload_does_but_never_as_root(string pod, string container, string uid, string gid)
    {
        var injected = Pod(pod, container);

        Security(injected, "runAsUser").Should().Be(uid);
        Security(injected, "runAsGroup").Should().Be(gid);
    }

    /// <summary>Init containers and further containers; then the uid and what stands in front of the fetcher.</summary>
    public static TheoryData<string, string, string, string> Meshes => new()
    {
        { "", "", "65532", "" },
        { "{ name: a, image: x }", "", "65532", "" },
        { "{ name: logs, image: x, restartPolicy: Always }, { name: a, image: x }", "", "65532", "" },
        // Native sidecars: right behind the proxy, which is behind its own set-up.
        { "{ name: istio-init, image: x }, { name: istio-proxy, image: x, restartPolicy: Always }, { name: a, image: x }", "", "65532", "istio-init istio-proxy" },
        { "{ name: istio-validation, image: x }, { name: istio-proxy, image: x, restartPolicy: Always }", "", "65532", "istio-validation istio-proxy" },
        { "{ name: linkerd-init, image: x }, { name: linkerd-proxy, image: x, restartPolicy: Always }", "", "65532", "linkerd-init linkerd-proxy" },
        // A classic sidecar: before the traffic is redirected; or, where a CNI plugin did that already, as a uid that passes.
        { "{ name: istio-init, image: x }", "{ name: istio-proxy, image: x }", "65532", "" },
        { "{ name: istio-validation, image: x }", "{ name: istio-proxy, image: x }", "1337", "" },
        { "", "{ name: istio-proxy, image: x, securityContext: { runAsUser: 1000690001 } }", "1000690001", "" },
        { "", "{ name: envoy, image: envoyproxy/envoy:v1 }", "65532", "" },
        { "{ name: envoy, image: envoyproxy/envoy:v1, restartPolicy: Always }", "", "65532", "" },
        { "", "{ name: envoy, image: aws/aws-appmesh-envoy:v1 }", "1337", "" },
        { "", "{ name: istio-proxy, image: x, securityContext: { runAsUser: 0 } }", "1337", "" },
        { "{ name: linkerd-network-validator, image: x }", "{ name: linkerd-proxy, image: x }", "2102", "" },
    };

    [Theory]
    [MemberData(nameof(Meshes))]
    public void Stands_where_there_is_a_network(string initContainers, string containers, string uid, string infront)
    {
        var pod = InjectedPod.FromYaml($$"""
            metadata: { annotations: { stevedore.dev/model: hf://a/b } }
            spec:
              initContainers: [{{initContainers}}]
              containers: [ { name: vllm, image: vllm/vllm-openai }, {{containers}} ]
            """).ShouldBeInjected();

        Security(pod, "runAsUser").Should().Be(uid);
        pod.Pod["spec"]!["initContainers"]!.AsArray().Select(c => (string)c!["name"]!).TakeWhile(name => name != "stevedore-fetch")
            .Should().Equal(infront.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>The spec's rest, the container's resources, annotations; then requests and limits as JSON.</summary>
    public static TheoryData<string, string, string, string> Resources => new()
    {
        // None where the pod has none.
        { "", "", "", "null" },
        { "", "requests: { nvidia.com/gpu: 1 }, limits: { nvidia.com/gpu: 1 }", "", "null" },
        // Up to 4 CPUs and 1 GiB; a memory limit of at least 512 MiB; no CPU limit.
        { "", "requests: { cpu: 16, memory: 64Gi }", "", """{"requests":{"cpu":"4","memory":"1Gi"},"limits":{"memory":"1Gi"}}""" },
        { "", "requests: { cpu: 1000m, memory: 6G }, limits: { cpu: '10', memory: 20Gi }", "", """{"requests":{"cpu":"1","memory":"1Gi"},"limits":{"memory":"1Gi"}}""" },
        { "", "requests: { cpu: 250m, memory: 100Mi }", "", """{"requests":{"cpu":"250m","memory":"100Mi"},"limits":{"memory":"512Mi"}}""" },
        { "", "requests: { cpu: '1.5' }", "", """{"requests":{"cpu":"1500m"}}""" },
        { "", "requests: { memory: 1e8 }", "", """{"requests":{"memory":"100000000"},"limits":{"memory":"512Mi"}}""" },
        { "", "limits: { memory: 700Mi }", "", """{"requests":{"memory":"700Mi"},"limits":{"memory":"700Mi"}}""" },
        { "", "requests: { cpu: 0, memory: '0' }", "", "null" },
        // Guaranteed stays Guaranteed.
        { "", "limits: { cpu: 2, memory: 256Mi }", "", """{"requests":{"cpu":"2","memory":"256Mi"},"limits":{"cpu":"2","memory":"256Mi"}}""" },
        { "", "requests: { cpu: 8, memory: 8Gi }, limits: { cpu: 8000m, memory: 8192Mi }", "", """{"requests":{"cpu":"4","memory":"1Gi"},"limits":{"cpu":"4","memory":"1Gi"}}""" },
        // The whole pod counts: app containers and sidecars side by side, or the largest init container.
        { "initContainers: [ { name: i, image: x, resources: { requests: { cpu: 3 } } } ]", "requests: { cpu: 1 }", "", """{"requests":{"cpu":"3"}}""" },
        { "initContainers: [ { name: s, image: x, restartPolicy: Always, resources: { requests: { cpu: 2 } } } ]", "requests: { cpu: 1 }", "", """{"requests":{"cpu":"3"}}""" },
        // Behind a proxy, only what is left beside it.
        { "initContainers: [ { name: istio-proxy, image: x, restartPolicy: Always, resources: { requests: { cpu: 2 } } } ]", "requests: { cpu: 1 }", "", """{"requests":{"cpu":"1"}}""" },
        { "initContainers: [ { name: istio-proxy, image: x, restartPolicy: Always, resources: { requests: { cpu: 2 } } } ]", "", "", "null" },
        // A pod-level block.
        { "resources: { requests: { cpu: 2, memory: 300Mi }, limits: { memory: 400Mi } }", "", "", """{"requests":{"cpu":"2","memory":"300Mi"},"limits":{"memory":"400Mi"}}""" },
        { "resources: { limits: { cpu: 2, memory: 2Gi } }", "", "", """{"requests":{"cpu":"2","memory":"1Gi"},"limits":{"cpu":"2","memory":"1Gi"}}""" },
        { "resources: { requests: { cpu: 2 } }", "requests: { cpu: 1, memory: 1Gi }", "", """{"requests":{"cpu":"2","memory":"1Gi"},"limits":{"memory":"1Gi"}}""" },
        // What the user asks for.
        { "", "", "stevedore.dev/fetcher-cpu: '8', stevedore.dev/fetcher-memory: 2Gi", """{"requests":{"cpu":"8","memory":"2Gi"},"limits":{"memory":"2Gi"}}""" },
        { "", "limits: { cpu: 1, memory: 1Gi }", "stevedore.dev/fetcher-cpu: 500m", """{"requests":{"cpu":"500m","memory":"1Gi"},"limits":{"cpu":"500m","memory":"1Gi"}}""" },
        { "", "", "stevedore.dev/size-hint: 20Gi", """{"requests":{"ephemeral-storage":"20Gi"}}""" },
    };

    [Theory]
    [MemberData(nameof(Resources))]
    public void Never_makes_the_pod_ask_for_more(string spec, string resources, string annotations, string expected) =>
        (Pod(spec, $"resources: {{ {resources} }}", annotations.Length > 0 ? annotations : "x: y").Fetcher["resources"]?.ToJsonString() ?? "null").Should().Be(expected);

    [Fact]
    public void Leaves_room_on_the_disk_for_the_hinted_size()
    {
        var volumes = Pod("", annotations: "stevedore.dev/size-hint: 2G").Pod["spec"]!["volumes"]!;

        JsonNode.DeepEquals(volumes, JsonNode.Parse("""
            [{ "name": "stevedore-cache", "emptyDir": { "sizeLimit": "1953125Ki" } }, { "name": "stevedore-view", "emptyDir": {} }]
            """)).Should().BeTrue(volumes.ToJsonString());
    }

    [Fact]
    public void Never_rewrites_a_users_quantity()
    {
        var pod = Pod("", "resources: { requests: { cpu: 1000m, memory: 6.50G, example.com/x: '1e3' } }");

        pod.Container()["resources"]!.ToJsonString().Should().Be("""{"requests":{"cpu":"1000m","memory":"6.50G","example.com/x":"1e3"}}""");
    }
}
