using k8s;

namespace Stevedore.Webhook.Cluster;

/// <summary>One object of the API server.</summary>
/// <param name="Name">Its name; the kinds watched here have no namespace.</param>
/// <param name="Version">Its resource version.</param>
/// <param name="Value">What is kept of it.</param>
internal sealed record ClusterObject<T>(string Name, string Version, T Value);

/// <summary>A part of a list.</summary>
/// <param name="Items">The objects.</param>
/// <param name="Version">The resource version of the whole list, from which a watch goes on.</param>
/// <param name="Next">What asks for the next part; null at the end.</param>
internal sealed record ObjectPage<T>(IReadOnlyList<ClusterObject<T>> Items, string Version, string? Next);

/// <summary>What happened to an object; of a bookmark only the version counts.</summary>
internal sealed record ObjectEvent<T>(WatchEventType Type, ClusterObject<T> Object);

/// <summary>A kind of object, as the API server lists and watches it.</summary>
internal interface IObjectSource<T>
{
    /// <summary>The kind, as sentences name it.</summary>
    string Plural { get; }

    /// <summary>Lists a part: the first, or the one that <see cref="ObjectPage{T}.Next"/> asks for.</summary>
    Task<ObjectPage<T>> ListAsync(string? next, CancellationToken cancellation);

    /// <summary>Watches from a version on.</summary>
    /// <param name="version">The last version that was seen.</param>
    /// <param name="atMost">When the server shall end it.</param>
    /// <param name="onError">Told of what is no event: an error of the server, a line that can't be read.</param>
    /// <param name="cancellation">Ends it.</param>
    IAsyncEnumerable<ObjectEvent<T>> WatchAsync(string version, TimeSpan atMost, Action<Exception> onError, CancellationToken cancellation);
}

/// <summary>Where the objects of a watch are kept.</summary>
internal interface IObjectStore<T>
{
    /// <summary>These are all there are.</summary>
    void Replace(IReadOnlyList<ClusterObject<T>> all);

    /// <summary>It is new or has changed.</summary>
    void Set(ClusterObject<T> changed);

    /// <summary>It is gone.</summary>
    void Remove(string name);
}
