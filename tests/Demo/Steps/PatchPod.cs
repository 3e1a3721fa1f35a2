using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.JsonPatch.SystemTextJson;
using Stevedore.Demo.Pods;
using Stevedore.Demo.Show;
using Stevedore.Webhook.Yaml;

namespace Stevedore.Demo.Steps;

/// <summary>Step: the patch is applied, as an API server does, and what it changed is shown.</summary>
internal static class PatchPod
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    public static PatchedPod Run(Scene scene, RecordedReview review, string patch)
    {
        var step = scene.Begin("The pod before and after", "apply the patch");
        var after = review.Pod.DeepClone();
        JsonSerializer.Deserialize<JsonPatchDocument>(patch)!.ApplyTo(after);
        step.Stop();

        var diff = LineDiff.Of(Readable(review.Pod), Readable(after));
        scene.Stage.Line($"  [grey]Without managedFields and kubectl's copy of the manifest; ⋮ stands for unchanged lines.[/]");
        PodDiff.Show(scene.Stage, diff);
        var (added, removed) = (diff.Count(line => line.Change == Change.Added), diff.Count(line => line.Change == Change.Removed));
        Scene.Require(added > 0, "The patch changed nothing in the pod.");
        Scene.Require(removed == 0, $"The patch took {removed} lines away from the pod; it may only add.");
        scene.Stage.Line($"  [green]+{added}[/] [red]−{removed}[/] lines: the workload's own image, command and arguments are as they were.");
        step.Close($"+{added} −{removed} lines of YAML");
        return new PatchedPod(after);
    }

    private static string Readable(JsonNode pod)
    {
        var copy = pod.DeepClone();
        var metadata = copy["metadata"]!.AsObject();
        metadata.Remove("managedFields");
        (metadata["annotations"] as JsonObject)?.Remove(LastApplied);
        return new YamlWriter().Write(copy);
    }
}
