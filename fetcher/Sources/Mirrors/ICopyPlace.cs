using Stevedore.Contract.References;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Sources.Local;
using Stevedore.Fetcher.Sources.S3;
using Stevedore.Fetcher.Sources.Web;
using Stevedore.Fetcher.Transfer;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Sources.Mirrors;

/// <summary>A folder of storage where a copy may lie.</summary>
internal interface ICopyPlace
{
    /// <summary>Reads a short file; null where it is not there.</summary>
    Task<byte[]?> ReadAsync(string path, Patience patience, CancellationToken cancellationToken);

    /// <summary>Where the bytes of a file come from.</summary>
    IContentOrigin OriginOf(ManifestFile file);
}

/// <summary>A folder of a bucket.</summary>
internal sealed class BucketPlace(S3Reference reference, S3Bucket bucket, WebConnections web) : ICopyPlace
{
    /// <inheritdoc/>
    public Task<byte[]?> ReadAsync(string path, Patience patience, CancellationToken cancellationToken) => bucket.ReadAsync(path, patience, cancellationToken);

    /// <inheritdoc/>
    public IContentOrigin OriginOf(ManifestFile file) => new S3Origin(web, bucket, [reference.Prefix + file.Path], file);
}

/// <summary>A folder of a web server.</summary>
internal sealed class WebCopyPlace(HttpReference reference, string? authorization, WebCalls calls, WebConnections web) : ICopyPlace
{
    private readonly WebPlace _place = new(reference, authorization, calls);

    /// <inheritdoc/>
    public Task<byte[]?> ReadAsync(string path, Patience patience, CancellationToken cancellationToken) =>
        _place.ReadAsync<byte[]>(
            path,
            patience,
            async (_, body, stop) =>
            {
                using var bytes = new MemoryStream();
                await body.CopyToAsync(bytes, stop);
                return bytes.ToArray();
            },
            cancellationToken);

    /// <inheritdoc/>
    public IContentOrigin OriginOf(ManifestFile file) =>
        new WebOrigin(web, _place.Question(file.Path), file.Size, validator: null, answer => WebRefusal.Explain(reference, answer));
}

/// <summary>A mounted folder.</summary>
internal sealed class LocalCopyPlace(FileReference reference) : ICopyPlace
{
    /// <inheritdoc/>
    public async Task<byte[]?> ReadAsync(string path, Patience patience, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(reference.Path + path, cancellationToken);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException broken)
        {
            throw LocalFolder.Unreadable(reference, path, broken);
        }
        catch (IOException broken)
        {
            throw new SourceUnavailableException($"{path} of {reference} can't be read ({broken.Message}); check the volume.", broken);
        }
    }

    /// <inheritdoc/>
    public IContentOrigin OriginOf(ManifestFile file) => new LocalOrigin(reference, file);
}
