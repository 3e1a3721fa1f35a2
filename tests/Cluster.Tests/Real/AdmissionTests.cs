using k8s.Models;
using Stevedore.Cluster.Tests.Support;

namespace Stevedore.Cluster.Tests.Real;

/// <summary>Which pods are injected, as the API server stores them.</summary>
[Collection(InCluster.Name)]
public sealed class AdmissionTests(TestCluster cluster)
{
    [ClusterTheory]
    [InlineData(Maker.Nobody)]
    [InlineData(Maker.Deployment)]
    [InlineData(Maker.StatefulSet)]
    [InlineData(Maker.Job)]
    public async Task A_pod_with_the_annotation_is_injected_whoever_makes_it(Maker maker)
    {
        var pod = Pods.Vllm(maker).Saying("model", Pods.Model);
        ShouldBeInjected(await cluster.CreateAsync(pod, await cluster.NamespaceAsync()), "explicit");
    }

    [ClusterTheory]
    [InlineData(Maker.Nobody)]
    [InlineData(Maker.Deployment)]
    [InlineData(Maker.StatefulSet)]
    [InlineData(Maker.Job)]
    public async Task A_pod_with_the_label_is_injected_whoever_makes_it(Maker maker) =>
        ShouldBeInjected(await cluster.CreateAsync(Pods.Vllm(maker).Labelled("true"), await cluster.NamespaceAsync()), "explicit");

    [ClusterTheory]
    [InlineData(Maker.Nobody)]
    [InlineData(Maker.Deployment)]
    [InlineData(Maker.StatefulSet)]
    [InlineData(Maker.Job)]
    public async Task A_pod_of_a_labelled_namespace_is_injected_whoever_makes_it(Maker maker) =>
        ShouldBeInjected(await cluster.CreateAsync(Pods.Vllm(maker), await EnabledAsync()), "detected");

    [ClusterFact]
    public async Task A_pod_that_asks_in_a_labelled_namespace_stands_at_the_explicit_door_alone()
    {
        var created = await cluster.CreateAsync(Pods.Vllm().Saying("model", Pods.Model), await EnabledAsync());
        created.Outcomes.Should().Equal("explicit: Injected");
    }

    [ClusterFact]
    public async Task A_pod_that_nobody_annotated_or_labelled_reaches_neither_door()
    {
        var created = await cluster.CreateAsync(Pods.Vllm(), await cluster.NamespaceAsync());
        (created.Code, created.Fetcher).Should().Be((201, null));
        created.Audit.OfWebhooks.Should().BeEmpty("the API server called no webhook");
    }

    [ClusterTheory]
    [InlineData("kube-system")]
    [InlineData("stevedore-system")]
    public async Task Pods_of_the_cluster_and_of_the_webhook_itself_reach_neither_door(string place)
    {
        await cluster.AccountAsync(place);
        var created = await cluster.CreateAsync(Pods.Vllm().Saying("model", Pods.Model), place, dryRun: true);
        (created.Code, created.Fetcher).Should().Be((201, null));
        created.Audit.OfWebhooks.Should().BeEmpty();
    }

    [ClusterFact]
    public async Task The_label_is_read_without_regard_to_case()
    {
        ShouldBeInjected(await cluster.CreateAsync(Pods.Vllm().Labelled("True"), await cluster.NamespaceAsync()), "explicit");
    }

    [ClusterFact]
    public async Task An_annotation_that_a_template_left_empty_asks_for_nothing()
    {
        var created = await cluster.CreateAsync(Pods.Vllm().Saying("model", " "), await cluster.NamespaceAsync());
        created.Audit.OfWebhooks.Should().BeEmpty();
    }

    [ClusterFact]
    public async Task What_a_pod_asks_for_wrongly_is_refused_with_what_is_valid()
    {
        var created = await cluster.CreateAsync(Pods.Vllm().Saying("model", "hf:/Qwen"), await cluster.NamespaceAsync());
        created.Code.Should().Be(403);
        created.Refusal.Should().Contain("admission webhook \"explicit.stevedore.dev\" denied the request").And.Contain("stevedore.dev/model");
        created.Outcomes.Should().Equal("explicit: Denied");
        created.Audit.Note("explicit.stevedore.dev/reason").Should().Be("InvalidReference");
    }

    [ClusterFact]
    public async Task What_can_not_be_done_in_a_labelled_namespace_is_left_with_a_warning()
    {
        var pod = Pods.Vllm();
        pod.Spec.Containers[0].VolumeMounts = [new V1VolumeMount { Name = "own", MountPath = "/var/cache/stevedore" }];
        pod.Spec.Volumes = [new V1Volume { Name = "own", EmptyDir = new V1EmptyDirVolumeSource() }];
        var created = await cluster.CreateAsync(pod, await EnabledAsync());
        (created.Code, created.Fetcher).Should().Be((201, null));
        created.Warnings.Should().ContainSingle().Which.Should().StartWith("stevedore: ");
        created.Audit.Note("detected.stevedore.dev/reason").Should().Be("PathTaken");
    }

    [ClusterFact]
    public async Task An_injected_pod_fits_where_its_namespace_is_restricted_and_has_ranges_and_a_quota()
    {
        var place = await cluster.NamespaceAsync(("pod-security.kubernetes.io/enforce", "restricted"));
        await cluster.KubectlAsync("create", "quota", "all", "--hard=requests.cpu=8,requests.memory=32Gi,limits.memory=32Gi", "-n", place);
        var pod = Pods.Vllm().Saying("model", Pods.Model);
        pod.Spec.Containers[0].Resources = new V1ResourceRequirements
        {
            Requests = new Dictionary<string, ResourceQuantity> { ["cpu"] = new("4"), ["memory"] = new("16Gi") },
            Limits = new Dictionary<string, ResourceQuantity> { ["memory"] = new("16Gi") },
        };
        ShouldBeInjected(await cluster.CreateAsync(pod, place), "explicit");
    }

    private static void ShouldBeInjected(Created created, string door)
    {
        created.Refusal.Should().BeNull();
        created.Outcomes.Should().Equal($"{door}: Injected");
        created.Fetcher!.Args.Should().StartWith("fetch").And.Contain(argument => argument.StartsWith("hf://Qwen/Qwen3-8B", StringComparison.Ordinal));
        created.Pod!.Spec.Volumes.Select(volume => volume.Name).Should().Contain(["stevedore-cache", "stevedore-view"]);
        created.Pod.Metadata.Annotations.Should().ContainKey("stevedore.dev/status");
        var workload = created.Pod.Spec.Containers.Single();
        workload.Env.Select(variable => variable.Name).Should().Contain("HF_HUB_CACHE");
        workload.VolumeMounts.Where(mount => mount.Name.StartsWith("stevedore-", StringComparison.Ordinal)).Should().NotBeEmpty().And.OnlyContain(mount => mount.ReadOnlyProperty == true);
        (workload.Image, workload.Command[0]).Should().Be(("vllm/vllm-openai:v0.11.0", "vllm"));
    }

    private Task<string> EnabledAsync() => cluster.NamespaceAsync(("stevedore.dev/inject", "enabled"));
}
