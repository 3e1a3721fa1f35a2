using k8s;
using k8s.Models;
using Stevedore.Cluster.Tests.Support;

namespace Stevedore.Cluster.Tests.Real;

/// <summary>What changes in the cluster counts for the very next pods.</summary>
[Collection(InCluster.Name)]
public sealed class ChangeTests(TestCluster cluster)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    [ClusterFact]
    public async Task A_policy_counts_within_two_seconds_when_it_comes_changes_and_goes()
    {
        var place = await cluster.NamespaceAsync();
        await using (var policy = await Policy.CreateAsync(cluster, "changing", Mounting("/models", place)))
        {
            await ShouldSoonBeMountedAtAsync("/models", place);
            await policy.ChangeAsync(Mounting("/weights", place));
            await ShouldSoonBeMountedAtAsync("/weights", place);
        }

        await ShouldSoonBeMountedAtAsync("/var/cache/stevedore", place);
    }

    [ClusterFact]
    public async Task A_change_that_is_wrong_is_told_in_the_status_and_the_last_good_rules_stay()
    {
        var place = await cluster.NamespaceAsync();
        await using var policy = await Policy.ApplyAsync(cluster, "breaking", Mounting("/models", place));
        await policy.ChangeAsync(new { fetcher = new { resources = "plenty" } });
        (await policy.VerdictAsync()).Should().StartWith("False ").And.Contain("spec.fetcher.resources");
        (await MountedAtAsync(place)).Should().Be("/models");
    }

    [ClusterFact]
    public async Task A_label_on_a_namespace_counts_within_two_seconds()
    {
        var place = await cluster.NamespaceAsync();
        (await cluster.CreateAsync(Pods.Vllm(), place, dryRun: true)).Fetcher.Should().BeNull();
        await LabelAsync(place, "enabled");
        await WithinAsync(async () => (await cluster.CreateAsync(Pods.Vllm(), place, dryRun: true)).Fetcher is not null, "pods of the namespace are injected");
        await LabelAsync(place, "disabled");
        await WithinAsync(async () => (await AskingAsync(place)).Fetcher is null, "not even a pod that asks is injected");
        await LabelAsync(place, null);
        await WithinAsync(async () => (await AskingAsync(place)).Fetcher is not null, "pods that ask are injected again");
    }

    [ClusterFact]
    public async Task A_pod_created_right_after_its_namespace_finds_the_namespaces_labels_known()
    {
        await using var policy = await Policy.ApplyAsync(cluster, "for-new-ones", new { mountPath = "/new", namespaceSelector = new { matchLabels = new Dictionary<string, string> { ["fresh"] = "yes" } } });
        for (var round = 0; round < 20; round++)
            (await MountedAtAsync(await cluster.NamespaceAsync(("fresh", "yes")))).Should().Be("/new", $"round {round}");
    }

    private static object Mounting(string path, string place) =>
        new { mountPath = path, namespaceSelector = new { matchLabels = new Dictionary<string, string> { ["kubernetes.io/metadata.name"] = place } } };

    private Task LabelAsync(string place, string? value) => cluster.Client.CoreV1.PatchNamespaceAsync(
        new V1Patch($$"""{"metadata": {"labels": {"stevedore.dev/inject": {{(value is null ? "null" : $"\"{value}\"")}} } } }""", V1Patch.PatchType.MergePatch), place);

    private Task<Created> AskingAsync(string place) => cluster.CreateAsync(Pods.Vllm().Saying("model", Pods.Model), place, dryRun: true);

    private async Task<string?> MountedAtAsync(string place) =>
        (await AskingAsync(place)).Fetcher?.VolumeMounts.Single(mount => mount.Name == "stevedore-cache").MountPath;

    private Task ShouldSoonBeMountedAtAsync(string path, string place) => WithinAsync(async () => await MountedAtAsync(place) == path, $"the cache is mounted at {path}");

    /// <summary>The time limit is what is tested; one look beyond it tells a late change from one that never comes.</summary>
    private static async Task WithinAsync(Func<Task<bool>> condition, string what) =>
        (await Eventually.AsyncTrue(condition, what, TimeSpan.FromSeconds(60))).Should().BeLessThan(Soon, what);
}
