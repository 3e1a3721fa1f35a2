using System.Text.RegularExpressions;
using Stevedore.Cluster.Tests.Manifests;
using Stevedore.Cluster.Tests.Support;

namespace Stevedore.Cluster.Tests.Real;

/// <summary>Alerts and dashboard ask for what there is: a metric that nobody exports never rings.</summary>
[Collection(InCluster.Name)]
public sealed partial class MonitoringTests(TestCluster cluster)
{
    [ClusterTheory]
    [InlineData("components/prometheus/alerts.yaml")]
    [InlineData("components/grafana/dashboard.json")]
    public async Task Every_metric_of_ours_that_is_asked_for_is_exported(string file)
    {
        await cluster.CreateAsync(Pods.Vllm().Saying("model", Pods.Model), await cluster.NamespaceAsync(), dryRun: true);
        using var client = new HttpClient();
        var exported = Names(await client.GetStringAsync(cluster.Webhook.Metrics));
        Names(await File.ReadAllTextAsync(Path.Combine(Manifest.Folder, file))).Should().NotBeEmpty().And.BeSubsetOf(exported);
    }

    /// <summary>The API server exports a counter from when it first counts, so somebody must have found the webhook away.</summary>
    [ClusterTheory]
    [InlineData("components/prometheus/alerts.yaml")]
    [InlineData("components/grafana/dashboard.json")]
    public async Task Every_metric_of_the_API_server_that_is_asked_for_counts_what_could_not_be_reached(string file)
    {
        await cluster.Webhook.StopAsync();
        (await cluster.CreateAsync(Pods.Vllm().Saying("model", Pods.Model), await cluster.NamespaceAsync())).Code.Should().Be(500);
        (await cluster.CreateAsync(Pods.Vllm(), await cluster.NamespaceAsync(("stevedore.dev/inject", "enabled")))).Code.Should().Be(201);
        await cluster.StartWebhookAsync();

        var exported = (await cluster.KubectlAsync("get", "--raw", "/metrics")).Split('\n');
        exported.Should().Contain(line => Counts(line, "rejection_count", "explicit.stevedore.dev") && line.Contains("error_type=\"calling_webhook_error\"", StringComparison.Ordinal));
        exported.Should().Contain(line => Counts(line, "fail_open_count", "detected.stevedore.dev"));
        ServerNames(await File.ReadAllTextAsync(Path.Combine(Manifest.Folder, file))).Should().NotBeEmpty().And.BeSubsetOf(ServerNames(string.Join('\n', exported)));
    }

    private static bool Counts(string line, string metric, string door) =>
        line.StartsWith($"apiserver_admission_webhook_{metric}{{", StringComparison.Ordinal) && line.Contains($"name=\"{door}\"", StringComparison.Ordinal);

    private static HashSet<string> Names(string text) => [.. Ours().Matches(text).Select(match => match.Value)];

    private static HashSet<string> ServerNames(string text) => [.. Server().Matches(text).Select(match => match.Value)];

    [GeneratedRegex(@"\bstevedore_[a-z_]+")]
    private static partial Regex Ours();

    [GeneratedRegex(@"\bapiserver_admission_webhook_[a-z_]+")]
    private static partial Regex Server();
}
