using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Stevedore.Cluster.Tests.Support;

/// <summary>A ModelCachePolicy in the cluster, until it is disposed of.</summary>
internal sealed class Policy : IAsyncDisposable
{
    private const string Group = "stevedore.dev";
    private const string Version = "v1alpha1";
    private const string Plural = "modelcachepolicies";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TestCluster _cluster;
    private readonly string _name;

    private Policy(TestCluster cluster, string name) => (_cluster, _name) = (cluster, name);

    /// <summary>Creates one and waits until the webhook says of it that it is in force.</summary>
    public static async Task<Policy> ApplyAsync(TestCluster cluster, string name, object spec)
    {
        var policy = await CreateAsync(cluster, name, spec);
        (await policy.VerdictAsync()).Should().StartWith("True ");
        return policy;
    }

    /// <summary>Creates one.</summary>
    public static async Task<Policy> CreateAsync(TestCluster cluster, string name, object spec)
    {
        await cluster.Client.CustomObjects.CreateClusterCustomObjectAsync(
            new { apiVersion = $"{Group}/{Version}", kind = "ModelCachePolicy", metadata = new { name }, spec }, Group, Version, Plural, fieldValidation: "Strict");
        return new Policy(cluster, name);
    }

    /// <summary>A policy that others created.</summary>
    public static Policy Named(TestCluster cluster, string name) => new(cluster, name);

    /// <summary>Changes its spec.</summary>
    public Task ChangeAsync(object spec) =>
        _cluster.Client.CustomObjects.PatchClusterCustomObjectAsync(new V1Patch(JsonSerializer.Serialize(new { spec }), V1Patch.PatchType.MergePatch), Group, Version, Plural, _name);

    /// <summary>What the webhook says of its present generation: the Ready condition's status and message.</summary>
    public async Task<string> VerdictAsync()
    {
        var ready = await Eventually.AsyncValue(ReadyAsync, $"the webhook has judged the policy {_name}", Patience);
        return $"{ready["status"]} {ready["message"]}";
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _cluster.Client.CustomObjects.DeleteClusterCustomObjectAsync(Group, Version, Plural, _name);
        }
        catch (HttpOperationException gone) when (gone.Response.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            // The test has deleted it.
        }
    }

    private async Task<JsonNode?> ReadyAsync()
    {
        var found = await _cluster.Client.CustomObjects.GetClusterCustomObjectAsync<JsonElement>(Group, Version, Plural, _name);
        var policy = JsonNode.Parse(found.GetRawText())!;
        return (long?)policy["status"]?["observedGeneration"] == (long)policy["metadata"]!["generation"]!
            ? policy["status"]!["conditions"]!.AsArray().Single(condition => (string?)condition!["type"] == "Ready")
            : null;
    }
}
