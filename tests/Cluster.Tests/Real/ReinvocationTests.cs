using System.Text.Json.Nodes;
using Stevedore.Cluster.Tests.Support;

namespace Stevedore.Cluster.Tests.Real;

/// <summary>A second webhook changes the pod after ours, so the API server calls ours again, on its own output.</summary>
[Collection(InCluster.Name)]
public sealed class ReinvocationTests(TestCluster cluster)
{
    [ClusterTheory]
    [InlineData("explicit")]
    [InlineData("detected")]
    public async Task Called_again_on_its_own_output_it_changes_nothing(string door)
    {
        var place = await cluster.NamespaceAsync(("stevedore.dev/inject", "enabled"));
        await using var other = await OtherWebhook.StartAsync(cluster, place, pod => Labelled(pod) ? [] : [Add("/metadata/labels/team", "search")]);
        var pod = door == "explicit" ? Pods.Vllm().Saying("model", Pods.Model) : Pods.Vllm();
        var created = await cluster.CreateAsync(pod, place);
        created.Refusal.Should().BeNull();
        created.Pod!.Metadata.Labels.Should().ContainKey("team");
        created.Pod.Spec.InitContainers.Should().ContainSingle().Which.Name.Should().Be("stevedore-fetch");
        created.Pod.Spec.Volumes.Where(volume => volume.Name.StartsWith("stevedore-", StringComparison.Ordinal)).Should().HaveCount(2);
        Rounds(created, door).Should().Equal(("0", true), ("1", false));
    }

    [ClusterFact]
    public async Task A_mesh_that_puts_a_sidecar_first_and_variables_everywhere_is_got_along_with()
    {
        var place = await cluster.NamespaceAsync();
        await using var other = await OtherWebhook.StartAsync(cluster, place, pod => Labelled(pod) ? [] :
        [
            Add("/metadata/labels/team", "search"),
            Add("/spec/initContainers/0", Sidecar()),
            Add("/spec/initContainers/1/env", new JsonArray(new JsonObject { ["name"] = "MESH", ["value"] = "yes" })),
        ]);
        var created = await cluster.CreateAsync(Pods.Vllm().Saying("model", Pods.Model), place);
        created.Refusal.Should().BeNull();
        created.Pod!.Spec.InitContainers.Select(container => container.Name).Should().Equal("proxy", "stevedore-fetch");
        created.Fetcher!.Env.Should().Contain(variable => variable.Name == "MESH");
    }

    [ClusterFact]
    public async Task A_container_that_somebody_altered_behind_our_back_is_refused()
    {
        var place = await cluster.NamespaceAsync();
        await using var other = await OtherWebhook.StartAsync(cluster, place, pod => Labelled(pod) ? [] :
        [
            Add("/metadata/labels/team", "search"),
            new JsonObject { ["op"] = "replace", ["path"] = "/spec/initContainers/0/image", ["value"] = "evil/fetcher:1" },
        ]);
        var created = await cluster.CreateAsync(Pods.Vllm().Saying("model", Pods.Model), place);
        created.Code.Should().Be(403);
        created.Refusal.Should().Contain("explicit.stevedore.dev").And.Contain("stevedore-fetch").And.Contain("image");
    }

    /// <summary>In which rounds the door was called, and whether it changed the pod.</summary>
    private static IEnumerable<(string Round, bool Changed)> Rounds(Created created, string door) =>
        from note in created.Audit.OfWebhooks
        where note.Key.StartsWith("mutation.webhook.admission.k8s.io/round_", StringComparison.Ordinal)
        let said = JsonNode.Parse(note.Value)!
        where (string?)said["webhook"] == $"{door}.stevedore.dev"
        orderby note.Key
        select (note.Key.Split('_')[1], (bool)said["mutated"]!);

    private static bool Labelled(JsonObject pod) => !pod["metadata"]!.AsObject().TryGetPropertyValue("labels", out var labels) || labels!["team"] is not null
        || pod["spec"]!["containers"]![0]!["name"]!.GetValue<string>() != "vllm";

    private static JsonObject Add(string path, JsonNode value) => new() { ["op"] = "add", ["path"] = path, ["value"] = value };

    private static JsonObject Sidecar() => new() { ["name"] = "proxy", ["image"] = "mesh/proxy:1", ["restartPolicy"] = "Always" };
}
