using Stevedore.Contract;
using Stevedore.Contract.Layout;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Transfer;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Sources.S3;

/// <summary>A prefix of a bucket, or one object; the digest of the list is the version.</summary>
/// <param name="reference">Which.</param>
/// <param name="settings">Which store.</param>
/// <param name="bucket">Asks.</param>
/// <param name="web">For the content.</param>
internal sealed class S3Source(S3Reference reference, S3Settings settings, S3Bucket bucket, WebConnections web) : IModelSource
{
    /// <inheritdoc/>
    public ModelReference Reference => reference;

    /// <inheritdoc/>
    public string Folder => CacheLayout.FolderOf(reference, settings.Endpoint);

    /// <inheritdoc/>
    public string? ImmutableVersion => null;

    /// <inheritdoc/>
    public Task<string?> ResolveAsync(Patience patience, CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    /// <inheritdoc/>
    public async Task<ModelManifest> ListAsync(string? version, FileFilter filter, Patience patience, CancellationToken cancellationToken)
    {
        var objects = await S3Listing.ReadAsync(bucket, reference, patience, cancellationToken);
        var listed = Listing.Of([.. objects.Select(entry => new ManifestFile(entry.Path, entry.Object.Size, null, entry.Object.ETag))]).Pinned(version, reference);
        var files = listed.Files.Zip(objects, (file, entry) => (File: file, entry.Object)).Where(entry => entry.File.Path != Sha256Sums.FileName).ToList();
        var selected = filter.Select([.. files.Select(entry => entry.File.Path)]).ToHashSet(StringComparer.Ordinal);
        var known = await new S3Digests(bucket).AddAsync([.. files.Where(entry => selected.Contains(entry.File.Path))], patience, cancellationToken);
        if (known.Any(file => file.Digest is null) && objects.Any(entry => entry.Path == Sha256Sums.FileName))
            known = await WithSumsAsync(known, filter, patience, cancellationToken);

        var byPath = known.ToDictionary(file => file.Path, StringComparer.Ordinal);
        return listed with { Files = [.. files.Select(entry => byPath.GetValueOrDefault(entry.File.Path, entry.File))] };
    }

    /// <inheritdoc/>
    public IContentOrigin OriginOf(string version, ManifestFile file) => new S3Origin(web, bucket, S3Listing.KeysOf(reference, file.Path), file);

    /// <summary>What <c>SHA256SUMS</c> beside the files says of those that the store itself has no digest for.</summary>
    private async Task<IReadOnlyList<ManifestFile>> WithSumsAsync(
        IReadOnlyList<ManifestFile> files, FileFilter filter, Patience patience, CancellationToken cancellationToken)
    {
        var sums = reference.ToString() + Sha256Sums.FileName;
        var digests = await bucket.AskAsync(
            place => place.Object(reference.Prefix + Sha256Sums.FileName),
            patience,
            Sha256Sums.FileName,
            async (answer, body, stop) => answer.Response.IsSuccessStatusCode
                ? await Sha256Sums.ReadAsync(body, sums, stop)
                : throw await bucket.ExplainAsync(answer, body, Sha256Sums.FileName),
            cancellationToken);
        if (digests is null)
            return files;

        digests.Remove(Sha256Sums.FileName);
        var there = files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        if (filter.Select([.. digests.Keys]).FirstOrDefault(path => !there.Contains(path)) is { } missing)
        {
            throw new FetchException(
                ExitCode.NotFound, $"{reference} names {missing} in {Sha256Sums.FileName} but does not have it; publish the file, or leave it out with --exclude.");
        }

        return [.. files.Select(file => file.Digest is null && digests.TryGetValue(file.Path, out var digest) ? file with { Digest = digest } : file)];
    }
}
