using Stevedore.Contract.Layout;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Sources;

/// <summary>A place that publishes models: the Hub, a web server, a mounted directory.</summary>
internal interface IModelSource
{
    /// <summary>What is fetched from here.</summary>
    ModelReference Reference { get; }

    /// <summary>The model's folder in a cache, and so its key there.</summary>
    string Folder => CacheLayout.FolderOf(Reference);

    /// <summary>Whether the reference can only ever mean this one version, such as a full commit; null where its meaning can change.</summary>
    string? ImmutableVersion { get; }

    /// <summary>The version that the reference means at this moment; null where only <see cref="ListAsync"/> can tell.</summary>
    /// <param name="patience">How much trouble to sit out; short when an older version could serve instead.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <exception cref="SourceUnavailableException">Down, rate-limited or out of reach for longer than <paramref name="patience"/>.</exception>
    /// <exception cref="FetchException">66 or 77: no such model or revision, or no permission.</exception>
    Task<string?> ResolveAsync(Patience patience, CancellationToken cancellationToken);

    /// <summary>Lists a version: the given one, or what the reference means now where it is null.</summary>
    /// <param name="version">What <see cref="ResolveAsync"/> gave, or a pinned version.</param>
    /// <param name="filter">Which files will be wanted: a source that must ask for each size asks for these only, and lists only these.</param>
    /// <param name="patience">How much trouble to sit out.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <exception cref="SourceUnavailableException">As for <see cref="ResolveAsync"/>.</exception>
    /// <exception cref="FetchException">66, 77, or 65 where a listed path climbs.</exception>
    Task<ModelManifest> ListAsync(string? version, FileFilter filter, Patience patience, CancellationToken cancellationToken);

    /// <summary>Where the bytes of a listed file come from.</summary>
    IContentOrigin OriginOf(string version, ManifestFile file);
}

/// <summary>How much trouble a call to a source may sit out.</summary>
internal enum Patience
{
    /// <summary>One more try within about a second: something older can serve instead.</summary>
    Short,

    /// <summary>Eight tries with growing pauses: there is nothing else.</summary>
    Long,
}
