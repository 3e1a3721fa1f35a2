using System.Text.Json.Nodes;
using Stevedore.Cluster.Tests.Manifests;
using Stevedore.Cluster.Tests.Support;

namespace Stevedore.Cluster.Tests.Real;

/// <summary>The overlay for servers that know no matchConditions, whose doors only a label opens. The base's doors are back when this is over.</summary>
[Collection(InCluster.Name)]
public sealed class OldServerTests(TestCluster cluster) : IAsyncLifetime
{
    public async ValueTask InitializeAsync()
    {
        if (Assets.Hindrance is null)
            await DoorsOfAsync("overlays/no-match-conditions", conditions: 0);
    }

    public async ValueTask DisposeAsync()
    {
        if (Assets.Hindrance is null)
            await DoorsOfAsync(".", conditions: 1);
    }

    [ClusterFact]
    public async Task A_pod_with_the_label_is_injected_by_the_explicit_door_wherever_it_is()
    {
        foreach (var place in new[] { await cluster.NamespaceAsync(), await EnabledAsync() })
            (await cluster.CreateAsync(Pods.Vllm().Labelled("true"), place)).Outcomes.Should().Equal("explicit: Injected");
    }

    [ClusterFact]
    public async Task A_pod_of_a_labelled_namespace_is_injected_by_the_detected_door() =>
        (await cluster.CreateAsync(Pods.Vllm(), await EnabledAsync())).Outcomes.Should().Equal("detected: Injected");

    [ClusterFact]
    public async Task An_annotation_without_the_label_opens_neither_door()
    {
        var created = await cluster.CreateAsync(Pods.Vllm().Saying("model", Pods.Model), await cluster.NamespaceAsync());
        created.Audit.OfWebhooks.Should().BeEmpty();
        (await cluster.CreateAsync(Pods.Vllm().Saying("model", Pods.Model), await EnabledAsync())).Outcomes.Should().Equal("detected: Skipped");
    }

    private Task<string> EnabledAsync() => cluster.NamespaceAsync(("stevedore.dev/inject", "enabled"));

    /// <summary>Puts the webhooks of a kustomization into the place of those that are there, reached and trusted as before.</summary>
    private async Task DoorsOfAsync(string path, int conditions)
    {
        var bundle = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(await Trust.BundleAsync(cluster)));
        var configuration = (await Manifest.BuildAsync(path)).Single(manifest => (string?)manifest["kind"] == "MutatingWebhookConfiguration");
        foreach (var door in configuration["webhooks"]!.AsArray())
        {
            var name = ((string)door!["name"]!).Split('.')[0];
            door["clientConfig"] = new JsonObject { ["url"] = $"https://127.0.0.1:{cluster.Webhook.Port}/mutate/{name}", ["caBundle"] = bundle };
        }

        var file = cluster.Plane.Folder.Sub("doors.json");
        await File.WriteAllTextAsync(file, configuration.ToJsonString());
        await cluster.KubectlAsync("replace", "-f", file);

        // The API server goes by its own watch. With conditions an annotation alone opens a door, without them it does not.
        var place = await cluster.NamespaceAsync();
        await Eventually.AsyncTrue(
            async () => (await cluster.CreateAsync(Pods.Vllm().Saying("model", Pods.Model), place, dryRun: true)).Outcomes.Count == conditions, $"the doors of {path} are in force", TimeSpan.FromSeconds(60));
    }
}
