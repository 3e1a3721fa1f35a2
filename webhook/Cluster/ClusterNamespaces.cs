using System.Collections.Concurrent;
using System.Collections.Immutable;
using Stevedore.Webhook.Admission;

namespace Stevedore.Webhook.Cluster;

/// <summary>
/// The labels of all namespaces, as the watch keeps them. A pod may come right after its namespace and before the watch tells of it: then the API
/// server is asked, once for all that wait (https://github.com/aws/amazon-eks-pod-identity-webhook/issues/174).
/// </summary>
internal sealed class ClusterNamespaces(NamespaceObjects source, TimeProvider clock) : INamespaceLabels, IObjectStore<IReadOnlyDictionary<string, string>>
{
    /// <summary>The API server waits 5 s for a whole review.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly Dictionary<string, string> Unlabelled = [];

    private readonly ConcurrentDictionary<string, Lazy<Task<IReadOnlyDictionary<string, string>>>> _asked = new();
    private volatile ImmutableDictionary<string, IReadOnlyDictionary<string, string>>? _known;

    /// <summary>How many there are.</summary>
    public int Count => _known?.Count ?? 0;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Nothing is known yet, or the API server does not tell.</exception>
    public ValueTask<IReadOnlyDictionary<string, string>> OfAsync(string name, CancellationToken cancellation)
    {
        var known = _known ?? throw new InvalidOperationException("The namespaces of the cluster are not known yet.");
        return known.TryGetValue(name, out var labels) ? new(labels) : new(AskAsync(name, cancellation));
    }

    /// <inheritdoc/>
    public void Replace(IReadOnlyList<ClusterObject<IReadOnlyDictionary<string, string>>> all) =>
        _known = ImmutableDictionary.CreateRange(all.Select(found => KeyValuePair.Create(found.Name, found.Value)));

    /// <inheritdoc/>
    public void Set(ClusterObject<IReadOnlyDictionary<string, string>> changed) => _known = _known!.SetItem(changed.Name, changed.Value);

    /// <inheritdoc/>
    public void Remove(string name) => _known = _known!.Remove(name);

    private async Task<IReadOnlyDictionary<string, string>> AskAsync(string name, CancellationToken cancellation)
    {
        // What comes back is not kept: the watch will tell of it, and may know better already.
        var asked = _asked.GetOrAdd(name, _ => new(() => ReadAsync(name)));
        return await asked.Value.WaitAsync(cancellation);
    }

    private async Task<IReadOnlyDictionary<string, string>> ReadAsync(string name)
    {
        using var late = new CancellationTokenSource(Patience, clock);
        try
        {
            return await source.ReadAsync(name, late.Token) ?? Unlabelled;
        }
        catch (Exception error) when (error is not InvalidOperationException)
        {
            throw new InvalidOperationException($"The labels of namespace {name} can't be read: {error.Message}", error);
        }
        finally
        {
            _asked.TryRemove(name, out _);
        }
    }
}
