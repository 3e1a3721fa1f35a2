using System.Text.Json.Nodes;
using k8s.Models;
using Stevedore.Cluster.Tests.Manifests;
using Stevedore.Cluster.Tests.Support;

namespace Stevedore.Cluster.Tests.Real;

/// <summary>Each example as a user applies it: the API server takes every object, and the pods that come of it are injected.</summary>
[Collection(InCluster.Name)]
public sealed class ExampleTests(TestCluster cluster)
{
    /// <summary>What others depend on, and a dry run would not leave behind.</summary>
    private static readonly string[] First = ["Namespace", "ServiceAccount", "ModelCachePolicy"];

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Path.Combine(Manifest.Folder, "examples"), "*.yaml")
        .Select(file => Path.GetFileName(file)).Where(name => name != "kustomization.yaml").Order(StringComparer.Ordinal)];

    [ClusterTheory]
    [MemberData(nameof(Files))]
    public async Task An_example_is_taken_by_the_API_server_and_its_pods_are_injected(string file)
    {
        var path = Path.Combine(Manifest.Folder, "examples", file);
        var objects = Manifest.Objects(await File.ReadAllTextAsync(path));
        await using var policies = await PrepareAsync(objects);

        var dryRun = await Kubectl.EndAsync("apply", "--dry-run=server", "--validate=strict", "-f", path, "--kubeconfig", cluster.Plane.WriteKubeconfig("admin"));
        string.Join('\n', dryRun.Errors.Where(line => !line.Contains("version difference", StringComparison.Ordinal))).Should().BeEmpty();
        (dryRun.Code, dryRun.Output.Count).Should().Be((0, objects.Count));

        var templates = objects.Select(KnownKinds.Read).Select(manifest => (manifest, template: PodSpecs.TemplateOf(manifest))).Where(pair => pair.template is not null).ToList();
        templates.Should().Contain(pair => pair.manifest is V1Deployment);
        foreach (var (manifest, template) in templates)
            await ShouldStartAsync(manifest, template!);
    }

    private async Task ShouldStartAsync(object manifest, V1PodTemplateSpec template)
    {
        var place = ((k8s.IKubernetesObject<V1ObjectMeta>)manifest).Metadata.NamespaceProperty;
        var created = await cluster.CreateAsync(Pods.Of(template, manifest is V1Job ? Maker.Job : Maker.Deployment), place, dryRun: true);
        created.Refusal.Should().BeNull();
        if (manifest is V1Deployment)
            created.Outcomes.Should().ContainSingle().Which.Should().EndWith(": Injected", string.Join('\n', created.Warnings));
        else
            created.Audit.OfWebhooks.Should().BeEmpty("only vLLM is injected");
        created.Warnings.Should().BeEmpty();
    }

    /// <summary>Creates what others depend on; gives what takes the policies away again.</summary>
    private async Task<Undo> PrepareAsync(IReadOnlyList<JsonObject> objects)
    {
        using var folder = Programs.TemporaryFolder.For("stevedore-example");
        foreach (var kind in First)
        {
            foreach (var manifest in objects.Where(manifest => (string?)manifest["kind"] == kind))
            {
                var name = (string)manifest["metadata"]!["name"]!;
                await File.WriteAllTextAsync(folder.Sub("one.json"), manifest.ToJsonString());
                await cluster.KubectlAsync("apply", "-f", folder.Sub("one.json"));
                if (kind == "Namespace")
                    await cluster.AccountAsync(name);
            }
        }

        var policies = objects.Where(manifest => (string?)manifest["kind"] == "ModelCachePolicy").Select(manifest => Policy.Named(cluster, (string)manifest["metadata"]!["name"]!)).ToList();
        foreach (var policy in policies)
            (await policy.VerdictAsync()).Should().StartWith("True ");
        return new Undo(policies);
    }

    private sealed class Undo(IReadOnlyList<Policy> policies) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var policy in policies)
                await policy.DisposeAsync();
        }
    }
}
