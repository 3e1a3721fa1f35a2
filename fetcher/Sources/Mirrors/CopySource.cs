using Stevedore.Contract;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Sources.Mirrors;

/// <summary>A copy of a model as <c>mirror</c> makes it: the original's version and digests, from other storage.</summary>
/// <param name="original">What was asked for.</param>
/// <param name="name">The folder that is looked into, for sentences.</param>
/// <param name="place">The folder.</param>
internal sealed class CopySource(ModelReference original, string name, ICopyPlace place) : IModelSource
{
    private CopyManifest? _manifest;

    /// <inheritdoc/>
    public ModelReference Reference => original;

    /// <inheritdoc/>
    public string? ImmutableVersion => null;

    /// <inheritdoc/>
    public async Task<string?> ResolveAsync(Patience patience, CancellationToken cancellationToken) => (await ManifestAsync(patience, cancellationToken)).Version;

    /// <inheritdoc/>
    public async Task<ModelManifest> ListAsync(string? version, FileFilter filter, Patience patience, CancellationToken cancellationToken)
    {
        var manifest = await ManifestAsync(patience, cancellationToken);
        if (version is not null && version != manifest.Version)
            throw new FetchException(ExitCode.NotFound, $"{name} holds version {manifest.Version} of {original}, not {version}; bring the copy up to date with \"mirror\".");

        var there = manifest.Files.Where(file => file.IsThere).Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        var files = manifest.Files.Select(file => file.ToFile()).ToList();
        if (filter.Select(files).FirstOrDefault(file => !there.Contains(file.Path)) is { } missing)
            throw new FetchException(ExitCode.NotFound, $"{name} holds a copy of {original} without {missing.Path}; copy it too, with --include of \"mirror\".");
        if (filter.Select(files).FirstOrDefault(file => file.Digest is null) is { } unnamed)
            throw new FetchException(ExitCode.WrongContent, $"{name}{MirrorLayout.Manifest} names {unnamed.Path} without a valid digest; make the copy again.");
        return new ModelManifest(manifest.Version, files);
    }

    /// <inheritdoc/>
    public IContentOrigin OriginOf(string version, ManifestFile file) => place.OriginOf(file with { Validator = null });

    /// <summary>Whether the copy is there and is of this version.</summary>
    public async Task<bool> HoldsAsync(string version, CancellationToken cancellationToken)
    {
        try
        {
            return (await ManifestAsync(Patience.Short, cancellationToken)).Version == version;
        }
        catch (FetchException)
        {
            return false;
        }
    }

    private async Task<CopyManifest> ManifestAsync(Patience patience, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _manifest) is { } known)
            return known;
        var content = await place.ReadAsync(MirrorLayout.Manifest, patience, cancellationToken)
            ?? throw new FetchException(ExitCode.NotFound, $"{name} holds no whole copy of {original}; make one with \"mirror {original} {name}\".");
        var manifest = CopyManifest.Read(content, name);
        if (!manifest.IsOf(original))
            throw new FetchException(ExitCode.NotFound, $"{name} holds a copy of {manifest.Reference}, not of {original}; make one with \"mirror\".");
        Volatile.Write(ref _manifest, manifest);
        return manifest;
    }
}
