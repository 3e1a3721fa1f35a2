using Stevedore.Contract;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Sources.Mirrors;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Sources.Local;

/// <summary>A directory that is mounted where the fetcher runs: what its <c>SHA256SUMS</c> names, else every ordinary file in it.</summary>
/// <param name="reference">Which.</param>
internal sealed class LocalDirectorySource(FileReference reference) : IModelSource
{
    /// <inheritdoc/>
    public ModelReference Reference => reference;

    /// <inheritdoc/>
    public string? ImmutableVersion => null;

    /// <inheritdoc/>
    public Task<string?> ResolveAsync(Patience patience, CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    /// <inheritdoc/>
    public async Task<ModelManifest> ListAsync(string? version, FileFilter filter, Patience patience, CancellationToken cancellationToken)
    {
        var folder = LocalFolder.Open(reference);
        if (folder.Look(MirrorLayout.Unfinished) is not null)
            throw MirrorLayout.NotWhole(reference);
        var manifest = await SumsAsync(folder, filter, cancellationToken) ?? Walked(folder, filter, cancellationToken);
        return manifest.Pinned(version, reference);
    }

    /// <inheritdoc/>
    public IContentOrigin OriginOf(string version, ManifestFile file) => new LocalOrigin(reference, file);

    private async Task<ModelManifest?> SumsAsync(LocalFolder folder, FileFilter filter, CancellationToken cancellationToken)
    {
        if (folder.Look(Sha256Sums.FileName) is not { Kind: FileKind.Regular } list)
            return null;

        SortedDictionary<string, ContentDigest>? digests;
        try
        {
            await using var content = LocalOrigin.OpenFile(list.RealPath);
            digests = await Sha256Sums.ReadAsync(content, folder.Root + "/" + Sha256Sums.FileName, cancellationToken);
        }
        catch (UnauthorizedAccessException broken)
        {
            throw LocalFolder.Unreadable(reference, Sha256Sums.FileName, broken);
        }

        if (digests is null)
            return null;
        digests.Remove(Sha256Sums.FileName);
        PathGuard.Check(digests.Keys, reference + Sha256Sums.FileName);
        var named = filter.Select([.. digests.Select(entry => new ManifestFile(entry.Key, 0, entry.Value))]);
        return Listing.Of([.. named.Select(file => file with { Size = SizeOf(folder, file.Path) })], digests);
    }

    private long SizeOf(LocalFolder folder, string path) => folder.Look(path) is { Kind: FileKind.Regular } facts
        ? facts.Size
        : throw new FetchException(
            ExitCode.NotFound, $"{reference} names {path} in {Sha256Sums.FileName} but has no such file; put it there, or leave it out with --exclude.");

    private ModelManifest Walked(LocalFolder folder, FileFilter filter, CancellationToken cancellationToken)
    {
        var found = new FolderWalk(folder).Run(cancellationToken);
        PathGuard.Check(found.Files.Select(file => file.Path), reference.ToString());
        var wanted = filter.Select(found.Files);
        if (wanted.FirstOrDefault(file => found.Dangling.Contains(file.Path)) is { } dangling)
        {
            throw new FetchException(
                ExitCode.NotFound, $"{dangling.Path} in {reference} is a link that leads nowhere; complete the directory, or leave it out with --exclude.");
        }

        var files = found.Files.Where(file => !found.Dangling.Contains(file.Path)).ToList();
        return files.Count > 0
            ? Listing.Of(files)
            : throw new FetchException(ExitCode.NotFound, $"{reference} holds no file; check the path, and that its volume is mounted where the fetcher runs.");
    }
}
