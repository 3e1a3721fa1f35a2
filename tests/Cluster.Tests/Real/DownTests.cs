using Stevedore.Cluster.Tests.Support;

namespace Stevedore.Cluster.Tests.Real;

/// <summary>What the API server does while no replica answers. The webhook is back when a test is over.</summary>
[Collection(InCluster.Name)]
public sealed class DownTests(TestCluster cluster) : IAsyncLifetime
{
    public async ValueTask InitializeAsync()
    {
        if (Assets.Hindrance is not null)
            return;
        (await cluster.Webhook.StopAsync()).Code.Should().Be(0);
    }

    public async ValueTask DisposeAsync()
    {
        if (Assets.Hindrance is null)
            await cluster.StartWebhookAsync();
    }

    [ClusterFact]
    public async Task A_pod_that_asks_is_refused_with_the_name_of_the_webhook_and_what_is_wrong()
    {
        var created = await cluster.CreateAsync(Pods.Vllm().Saying("model", Pods.Model), await cluster.NamespaceAsync());
        created.Code.Should().Be(500);
        created.Refusal.Should().Contain("failed calling webhook \"explicit.stevedore.dev\"").And.Contain("connection refused");
    }

    [ClusterFact]
    public async Task A_pod_of_a_labelled_namespace_starts_as_it_is_and_the_audit_log_says_so()
    {
        var created = await cluster.CreateAsync(Pods.Vllm(), await cluster.NamespaceAsync(("stevedore.dev/inject", "enabled")));
        (created.Code, created.Fetcher).Should().Be((201, null), created.Refusal);
        created.Audit.OfWebhooks.Should().ContainSingle(note => note.Key.StartsWith("failed-open.mutation.webhook.admission.k8s.io/", StringComparison.Ordinal))
            .Which.Value.Should().Be("detected.stevedore.dev");
    }

    [ClusterFact]
    public async Task Any_other_pod_is_created_as_ever()
    {
        var created = await cluster.CreateAsync(Pods.Vllm(), await cluster.NamespaceAsync());
        (created.Code, created.Fetcher).Should().Be((201, null), created.Refusal);
        created.Audit.OfWebhooks.Should().BeEmpty();
    }
}
