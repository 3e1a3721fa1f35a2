using System.Text;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Stevedore.Cluster.Tests.Manifests;
using Stevedore.Cluster.Tests.Support;

namespace Stevedore.Cluster.Tests.Real;

/// <summary>The installation itself: its pods are admitted, it can be applied again, and it shows what it does.</summary>
[Collection(InCluster.Name)]
public sealed class InstallTests(TestCluster cluster)
{
    [ClusterTheory]
    [InlineData(".")]
    [InlineData("overlays/cert-manager")]
    public async Task The_webhooks_own_pods_are_admitted_where_it_is_installed(string path)
    {
        var deployment = (await Manifest.BuildAsync(path)).Select(KnownKinds.Read).OfType<V1Deployment>().Single();
        var created = await cluster.CreateAsync(Pods.Of(deployment.Spec.Template, Maker.Deployment), TestCluster.SystemNamespace, dryRun: true);
        created.Refusal.Should().BeNull();
        created.Warnings.Should().BeEmpty();
        created.Pod!.Spec.Priority.Should().Be(2_000_000_000);
    }

    [ClusterFact]
    public async Task Applying_the_empty_Secret_again_leaves_the_certificate_in_it()
    {
        var before = await Trust.SecretAsync(cluster);
        before.Data.Should().ContainKeys("ca.crt", "tls.crt", "tls.key");
        await cluster.KubectlAsync("apply", "-f", Path.Combine(Manifest.Folder, "base", "certificate-secret.yaml"));
        (await Trust.SecretAsync(cluster)).Data.Should().BeEquivalentTo(before.Data);
    }

    /// <summary>On a copy that no pod reaches: the installed one is called by URL here, which does not go together with the manifest's Service.</summary>
    [ClusterFact]
    public async Task Applying_the_webhooks_again_leaves_the_authority_in_them()
    {
        var configuration = (await Manifest.BuildAsync(".")).Single(manifest => (string?)manifest["kind"] == "MutatingWebhookConfiguration");
        configuration["metadata"]!["name"] = "applied-again";
        foreach (var door in configuration["webhooks"]!.AsArray())
            door!["namespaceSelector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["nobody"] = "has-this" } };
        var file = cluster.Plane.Folder.Sub("applied-again.json");
        await File.WriteAllTextAsync(file, configuration.ToJsonString());
        await cluster.KubectlAsync("apply", "-f", file);
        var authority = Encoding.UTF8.GetBytes(await Trust.BundleAsync(cluster));
        var patch = new JsonObject
        {
            ["webhooks"] = new JsonArray([.. new[] { "explicit", "detected" }.Select(door => new JsonObject
            {
                ["name"] = $"{door}.stevedore.dev",
                ["clientConfig"] = new JsonObject { ["caBundle"] = Convert.ToBase64String(authority) },
            })]),
        };
        await cluster.Client.AdmissionregistrationV1.PatchMutatingWebhookConfigurationAsync(new V1Patch(patch.ToJsonString(), V1Patch.PatchType.StrategicMergePatch), "applied-again");

        await cluster.KubectlAsync("apply", "-f", file);

        var after = await cluster.Client.AdmissionregistrationV1.ReadMutatingWebhookConfigurationAsync("applied-again");
        after.Webhooks.Should().HaveCount(2).And.OnlyContain(door => door.ClientConfig.CaBundle.SequenceEqual(authority) && door.ClientConfig.Service.Name == "stevedore-webhook");
        await cluster.Client.AdmissionregistrationV1.DeleteMutatingWebhookConfigurationAsync("applied-again");
    }

    [ClusterFact]
    public async Task A_policy_is_listed_with_its_strategy_and_whether_it_is_in_force()
    {
        await using var policy = await Policy.ApplyAsync(cluster, "listed", new { priority = 7, podSelector = new { matchLabels = new { nobody = "has-this" } } });
        var lines = (await cluster.KubectlAsync("get", "mcpol", "listed")).Split('\n');
        lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).Should().Equal("NAME", "STRATEGY", "PRIORITY", "READY", "AGE");
        lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[..4].Should().Equal("listed", "Local", "7", "True");
    }
}
