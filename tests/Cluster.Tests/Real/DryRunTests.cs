using k8s;
using Stevedore.Cluster.Tests.Support;

namespace Stevedore.Cluster.Tests.Real;

[Collection(InCluster.Name)]
public sealed class DryRunTests(TestCluster cluster)
{
    [ClusterFact]
    public async Task A_dry_run_shows_the_injected_pod_and_leaves_nothing()
    {
        var place = await cluster.NamespaceAsync();
        var created = await cluster.CreateAsync(Pods.Vllm().Saying("model", Pods.Model), place, dryRun: true);
        created.Refusal.Should().BeNull();
        created.Fetcher.Should().NotBeNull();
        created.Outcomes.Should().Equal("explicit: Injected");
        (await cluster.Client.CoreV1.ListNamespacedPodAsync(place)).Items.Should().BeEmpty();
    }

    [ClusterFact]
    public async Task A_dry_run_of_a_pod_that_asks_wrongly_is_refused_too() =>
        (await cluster.CreateAsync(Pods.Vllm().Saying("model", Pods.Model).Saying("refresh", "soon"), await cluster.NamespaceAsync(), dryRun: true)).Code.Should().Be(403);
}
