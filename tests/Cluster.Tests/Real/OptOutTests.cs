using Stevedore.Cluster.Tests.Support;

namespace Stevedore.Cluster.Tests.Real;

/// <summary>Who says no is left alone.</summary>
[Collection(InCluster.Name)]
public sealed class OptOutTests(TestCluster cluster)
{
    [ClusterFact]
    public async Task A_pod_can_opt_out_of_its_namespaces_label_by_annotation()
    {
        var created = await cluster.CreateAsync(Pods.Vllm().Saying("inject", "false"), await EnabledAsync());
        ShouldBeLeft(created, "detected", "OptedOut");
        created.Warnings.Should().BeEmpty("it got what it asked for");
    }

    [ClusterFact]
    public async Task A_pod_can_opt_out_of_its_namespaces_label_by_label() =>
        ShouldBeLeft(await cluster.CreateAsync(Pods.Vllm().Labelled("false"), await EnabledAsync()), "detected", "OptedOut");

    [ClusterFact]
    public async Task A_pod_that_asks_and_opts_out_is_left_and_told_so()
    {
        var created = await cluster.CreateAsync(Pods.Vllm().Saying("model", Pods.Model).Saying("inject", "false"), await cluster.NamespaceAsync());
        ShouldBeLeft(created, "explicit", "OptedOut");
        created.Warnings.Should().ContainSingle();
    }

    [ClusterFact]
    public async Task A_pod_that_is_no_vllm_is_left_in_a_labelled_namespace() =>
        ShouldBeLeft(await cluster.CreateAsync(Pods.Other(), await EnabledAsync()), "detected", "NoVllm");

    [ClusterFact]
    public async Task A_disabled_namespace_has_the_last_word()
    {
        var created = await cluster.CreateAsync(Pods.Vllm().Saying("model", Pods.Model), await cluster.NamespaceAsync(("stevedore.dev/inject", "disabled")));
        ShouldBeLeft(created, "explicit", "NamespaceDisabled");
        created.Warnings.Should().ContainSingle().Which.Should().Contain("disabled");
    }

    private static void ShouldBeLeft(Created created, string door, string reason)
    {
        (created.Code, created.Fetcher).Should().Be((201, null), created.Refusal);
        created.Outcomes.Should().Equal($"{door}: Skipped");
        created.Audit.Note($"{door}.stevedore.dev/reason").Should().Be(reason);
        created.Pod!.Spec.Volumes.Should().NotContain(volume => volume.Name.StartsWith("stevedore-", StringComparison.Ordinal));
    }

    private Task<string> EnabledAsync() => cluster.NamespaceAsync(("stevedore.dev/inject", "enabled"));
}
