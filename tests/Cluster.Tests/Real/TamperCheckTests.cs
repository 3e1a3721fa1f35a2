using k8s;
using k8s.Models;
using Stevedore.Cluster.Tests.Manifests;
using Stevedore.Cluster.Tests.Support;

namespace Stevedore.Cluster.Tests.Real;

/// <summary>The optional ValidatingAdmissionPolicy, with the images that its ConfigMap ships.</summary>
[Collection(InCluster.Name)]
public sealed class TamperCheckTests(TestCluster cluster, TamperCheckTests.InForce inForce) : IClassFixture<TamperCheckTests.InForce>
{
    private string Place => inForce.Place;

    [ClusterFact]
    public async Task What_the_webhook_injects_passes()
    {
        var created = await cluster.CreateAsync(Pods.Vllm().Saying("model", Pods.Model), Place);
        (created.Code, created.Fetcher?.Name).Should().Be((201, "stevedore-fetch"), created.Refusal);
        created.Audit.Annotations!.Keys.Should().NotContain(key => key.StartsWith("validation.policy.admission.k8s.io/", StringComparison.Ordinal));
        (await cluster.CreateAsync(Pods.Other(), Place)).Code.Should().Be(201);
    }

    public static TheoryData<string, string> Forgeries => new()
    {
        { "image", "none of those that the ValidatingAdmissionPolicy" },
        { "prefix", "none of those that the ValidatingAdmissionPolicy" },
        { "command", "runs what its image runs" },
        { "arguments", "runs what its image runs" },
        { "root", "restricted Pod Security Standard" },
        { "capability", "restricted Pod Security Standard" },
        { "workload", "The name stevedore-fetch belongs" },
        { "writer", "Beside stevedore-fetch nobody writes" },
    };

    [ClusterTheory]
    [MemberData(nameof(Forgeries))]
    public async Task A_forged_container_is_refused(string what, string sentence)
    {
        var created = await cluster.CreateAsync(
            what switch
            {
                "image" => Forged(_ => { }, image: "evil/fetcher:1"),
                "prefix" => Forged(_ => { }, image: "stevedore/fetcher-evil:1"),
                "command" => Forged(pod => pod.Spec.InitContainers[0].Command = ["sh"]),
                "arguments" => Forged(pod => pod.Spec.InitContainers[0].Args = ["prune"]),
                "root" => Forged(pod => pod.Spec.InitContainers[0].SecurityContext.RunAsNonRoot = null),
                "capability" => Forged(pod => pod.Spec.InitContainers[0].SecurityContext.Capabilities.Add = ["SYS_ADMIN"]),
                "workload" => Forged(pod => (pod.Spec.Containers[0].Name, pod.Spec.InitContainers) = ("stevedore-fetch", null)),
                _ => Forged(pod => pod.Spec.Containers[0].VolumeMounts[0].ReadOnlyProperty = null),
            },
            Place);
        (created.Code, created.Pod).Should().Be((403, null));
        created.Refusal.Should().Contain("stevedore-tamper-check").And.Contain(sentence);
    }

    [ClusterFact]
    public async Task An_image_changed_later_is_refused_and_a_label_is_not()
    {
        var pod = (await cluster.CreateAsync(Pods.Vllm().Saying("model", Pods.Model), Place)).Pod!;
        var changing = () => PatchAsync(pod, """{"spec":{"initContainers":[{"name":"stevedore-fetch","image":"evil/fetcher:1"}]}}""");
        (await changing.Should().ThrowAsync<k8s.Autorest.HttpOperationException>()).Which.Response.Content.Should().Contain("none of those");
        (await PatchAsync(pod, """{"metadata":{"labels":{"seen":"yes"}}}""")).Metadata.Labels.Should().ContainKey("seen");
    }

    [ClusterFact]
    public async Task A_debugger_sees_the_cache_and_does_not_write_it()
    {
        var pod = (await cluster.CreateAsync(Pods.Vllm().Saying("model", Pods.Model), Place)).Pod!;
        var debugging = () => DebugAsync(pod, readOnly: false);
        (await debugging.Should().ThrowAsync<k8s.Autorest.HttpOperationException>()).Which.Response.Content.Should().Contain("Ephemeral containers see");
        (await DebugAsync(pod, readOnly: true)).Spec.EphemeralContainers.Should().ContainSingle();
    }

    private Task<V1Pod> PatchAsync(V1Pod pod, string patch) =>
        cluster.Client.CoreV1.PatchNamespacedPodAsync(new V1Patch(patch, V1Patch.PatchType.StrategicMergePatch), pod.Metadata.Name, Place);

    private Task<V1Pod> DebugAsync(V1Pod pod, bool readOnly) => cluster.Client.CoreV1.PatchNamespacedPodEphemeralcontainersAsync(
        new V1Patch(
            $$"""
            {"spec": {"ephemeralContainers": [{"name": "debug", "image": "busybox:1.37",
             "volumeMounts": [{"name": "stevedore-cache", "mountPath": "/cache", "readOnly": {{(readOnly ? "true" : "false")}} }] }] } }
            """,
            V1Patch.PatchType.StrategicMergePatch),
        pod.Metadata.Name,
        Place);

    /// <summary>A pod that brings by itself what only the webhook should, so that no door sees it; good but for what is done to it.</summary>
    private static V1Pod Forged(Action<V1Pod> change, string image = "stevedore/fetcher:0.1.0")
    {
        var pod = Pods.Other();
        pod.Spec.Volumes = [new V1Volume { Name = "stevedore-cache", EmptyDir = new V1EmptyDirVolumeSource() }];
        pod.Spec.Containers[0].VolumeMounts = [new V1VolumeMount { Name = "stevedore-cache", MountPath = "/cache", ReadOnlyProperty = true }];
        pod.Spec.InitContainers =
        [
            new V1Container
            {
                Name = "stevedore-fetch",
                Image = image,
                Args = ["fetch", "hf://Qwen/Qwen3-8B", "--cache", "/cache"],
                VolumeMounts = [new V1VolumeMount { Name = "stevedore-cache", MountPath = "/cache" }],
                SecurityContext = new V1SecurityContext { RunAsNonRoot = true, AllowPrivilegeEscalation = false, Capabilities = new V1Capabilities { Drop = ["ALL"] } },
            },
        ];
        change(pod);
        return pod;
    }

    /// <summary>The policy, for as long as these tests run.</summary>
    public sealed class InForce(TestCluster cluster) : IAsyncLifetime
    {
        private static readonly string Policy = Path.Combine(Manifest.Folder, "components", "tamper-check", "policy.yaml");

        public string Place { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            if (Assets.Hindrance is not null)
                return;
            Place = await cluster.NamespaceAsync();
            await cluster.KubectlAsync("apply", "-f", Policy);
            await Eventually.AsyncTrue(
                async () => (await cluster.CreateAsync(Forged(_ => { }, image: "evil/fetcher:1"), Place, dryRun: true)).Code == 403, "the policy is in force", TimeSpan.FromSeconds(60));
        }

        public async ValueTask DisposeAsync()
        {
            if (Assets.Hindrance is null)
                await cluster.KubectlAsync("delete", "-f", Policy);
        }
    }
}
