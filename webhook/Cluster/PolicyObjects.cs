using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Cluster;

/// <summary>ModelCachePolicies as JSON: read strictly by our own reader, never through a typed model that drops what it does not know.</summary>
internal sealed class PolicyObjects(IKubernetes cluster) : IObjectSource<JsonElement>
{
    private const string Group = "stevedore.dev";
    private const string Version = "v1alpha1";
    private const string Resource = "modelcachepolicies";
    private const string FieldManager = "stevedore-webhook";
    private const int PageSize = 100;

    /// <inheritdoc/>
    public string Plural => "policies";

    /// <inheritdoc/>
    public async Task<ObjectPage<JsonElement>> ListAsync(string? next, CancellationToken cancellation)
    {
        var page = await cluster.CustomObjects.ListClusterCustomObjectAsync<JsonElement>(
            Group, Version, Resource, limit: PageSize, continueParameter: next, cancellationToken: cancellation);
        var metadata = JsonShape.Object(page, "metadata");
        var items = JsonShape.Member(page, "items") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().Select(Kept) : [];
        return new([.. items], JsonShape.Text(metadata, "resourceVersion") ?? "", JsonShape.Text(metadata, "continue") is { Length: > 0 } more ? more : null);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ObjectEvent<JsonElement>> WatchAsync(
        string version, TimeSpan atMost, Action<Exception> onError, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var events = cluster.CustomObjects.WatchListClusterCustomObjectAsync(
            Group, Version, Resource, allowWatchBookmarks: true, resourceVersion: version, timeoutSeconds: (int)atMost.TotalSeconds, onError: onError, cancellationToken: cancellation);
        await foreach (var (type, found) in events.WithCancellation(cancellation))
            yield return new(type, Kept((JsonElement)found));
    }

    /// <summary>Writes a status, unless the object has changed since the version that it is about.</summary>
    public Task ApplyStatusAsync(string name, string version, JsonObject status, CancellationToken cancellation)
    {
        var applied = new JsonObject
        {
            ["apiVersion"] = $"{Group}/{Version}",
            ["kind"] = Policies.Reading.PolicyReader.Kind,
            ["metadata"] = new JsonObject { ["name"] = name, ["resourceVersion"] = version },
            ["status"] = status,
        };
        return cluster.CustomObjects.PatchClusterCustomObjectStatusAsync(
            new V1Patch(applied.ToJsonString(), V1Patch.PatchType.ApplyPatch), Group, Version, Resource, name, fieldManager: FieldManager, force: true, cancellationToken: cancellation);
    }

    private static ClusterObject<JsonElement> Kept(JsonElement found)
    {
        var metadata = JsonShape.Object(found, "metadata");
        return new(JsonShape.Text(metadata, "name") ?? "", JsonShape.Text(metadata, "resourceVersion") ?? "", found);
    }
}
