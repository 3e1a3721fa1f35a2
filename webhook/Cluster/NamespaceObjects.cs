using System.Runtime.CompilerServices;
using k8s;
using k8s.Models;

namespace Stevedore.Webhook.Cluster;

/// <summary>Namespaces, of which only the labels are kept.</summary>
internal sealed class NamespaceObjects(IKubernetes cluster) : IObjectSource<IReadOnlyDictionary<string, string>>
{
    // Ten thousand namespaces in one answer would be 10 MB of JSON at once.
    private const int PageSize = 500;

    private static readonly Dictionary<string, string> None = [];

    /// <inheritdoc/>
    public string Plural => "namespaces";

    /// <inheritdoc/>
    public async Task<ObjectPage<IReadOnlyDictionary<string, string>>> ListAsync(string? next, CancellationToken cancellation)
    {
        var page = await cluster.CoreV1.ListNamespaceAsync(limit: PageSize, continueParameter: next, cancellationToken: cancellation);
        return new([.. page.Items.Select(Kept)], page.Metadata.ResourceVersion, string.IsNullOrEmpty(page.Metadata.ContinueProperty) ? null : page.Metadata.ContinueProperty);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ObjectEvent<IReadOnlyDictionary<string, string>>> WatchAsync(
        string version, TimeSpan atMost, Action<Exception> onError, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var events = cluster.CoreV1.WatchListNamespaceAsync(
            allowWatchBookmarks: true, resourceVersion: version, timeoutSeconds: (int)atMost.TotalSeconds, onError: onError, cancellationToken: cancellation);
        await foreach (var (type, found) in events.WithCancellation(cancellation))
            yield return new(type, Kept(found));
    }

    /// <summary>The labels of one namespace; null where it does not exist.</summary>
    public async Task<IReadOnlyDictionary<string, string>?> ReadAsync(string name, CancellationToken cancellation)
    {
        try
        {
            return Kept(await cluster.CoreV1.ReadNamespaceAsync(name, cancellationToken: cancellation)).Value;
        }
        catch (k8s.Autorest.HttpOperationException refusal) when (refusal.Response.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private static ClusterObject<IReadOnlyDictionary<string, string>> Kept(V1Namespace found) => new(
        found.Metadata.Name ?? "", found.Metadata.ResourceVersion ?? "", found.Metadata.Labels is { Count: > 0 } labels ? new Dictionary<string, string>(labels) : None);
}
