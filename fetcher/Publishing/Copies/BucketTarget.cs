using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Sources;
using Stevedore.Fetcher.Sources.S3;
using Stevedore.Fetcher.Transfer.Web;
using S3Bucket = Stevedore.Fetcher.Sources.S3.S3Bucket;

namespace Stevedore.Fetcher.Publishing.Copies;

/// <summary>A prefix of a bucket that a copy is written to: lists and short reads over our own connections, writes by the SDK.</summary>
/// <param name="reference">Which.</param>
/// <param name="settings">Which store.</param>
/// <param name="credentials">As whom.</param>
/// <param name="bucket">Asks.</param>
/// <param name="web">Proxies and trusted authorities.</param>
internal sealed class BucketTarget(S3Reference reference, S3Settings settings, S3Credentials credentials, S3Bucket bucket, WebSettings web) : ICopyTarget, IDisposable
{
    private AmazonS3Client? _client;

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, StoredFile>> ListAsync(CancellationToken cancellationToken) =>
        (await bucket.ListAsync(reference.Prefix, Patience.Long, cancellationToken))
        .Where(entry => entry.Key.Length > reference.Prefix.Length)
        .ToDictionary(entry => entry.Key[reference.Prefix.Length..], entry => new StoredFile(entry.Size, entry.ETag ?? ""), StringComparer.Ordinal);

    /// <inheritdoc/>
    public Task<byte[]?> ReadAsync(string path, CancellationToken cancellationToken) => bucket.ReadAsync(path, Patience.Long, cancellationToken);

    /// <inheritdoc/>
    public Task<string> WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => WriteAsync(
        path,
        async client =>
        {
            using var body = new MemoryStream(content.ToArray(), writable: false);
            var answer = await client.PutObjectAsync(
                // Signed with its SHA-256, so that the store refuses what changed on its way; in one piece, since few stores besides AWS know chunks.
                new PutObjectRequest { BucketName = reference.Bucket, Key = KeyOf(path), InputStream = body, UseChunkEncoding = false, DisablePayloadSigning = false },
                cancellationToken);
            return TagOf(answer.ETag);
        });

    /// <inheritdoc/>
    public async Task<ICopyUpload> BeginAsync(string path, long size, CancellationToken cancellationToken)
    {
        var id = await WriteAsync(path, async client =>
            (await client.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest { BucketName = reference.Bucket, Key = KeyOf(path) }, cancellationToken)).UploadId);
        return new BucketUpload(this, path, id, size);
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string path, CancellationToken cancellationToken) => WriteAsync(
        path, client => client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = reference.Bucket, Key = KeyOf(path) }, cancellationToken));

    /// <inheritdoc/>
    public void Dispose() => _client?.Dispose();

    /// <summary>The bucket's name.</summary>
    public string Bucket => reference.Bucket;

    /// <summary>The key of a file.</summary>
    public string KeyOf(string path) => reference.Prefix + path;

    /// <summary>A tag as lists have it.</summary>
    public static string TagOf(string? etag) => $"\"{etag?.Trim('"')}\"";

    /// <summary>Writes by the SDK, with its refusals in our words.</summary>
    public async Task<T> WriteAsync<T>(string path, Func<AmazonS3Client, Task<T>> write)
    {
        try
        {
            return await write(Client());
        }
        catch (Exception broken) when (broken is AmazonServiceException or AmazonClientException or HttpRequestException)
        {
            throw BucketRefusal.Explain(broken, bucket.Place.Store, $"{path} of {reference}", credentials.Origin);
        }
    }

    // After the list, which has found the keys and the bucket's region.
    private AmazonS3Client Client()
    {
        if (Volatile.Read(ref _client) is { } there)
            return there;
        var config = new AmazonS3Config
        {
            ForcePathStyle = bucket.Place.IsPathStyle,
            MaxErrorRetry = 6,
            HttpClientFactory = new SdkConnections(web),
            // Checksums of AWS's own make were unknown to most other stores in 2025.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (settings.Endpoint is { } endpoint)
            (config.ServiceURL, config.AuthenticationRegion) = (endpoint.AbsoluteUri, bucket.Place.Region);
        else
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(bucket.Place.Region);
        var made = new AmazonS3Client(credentials.ForSdk(), config);
        if (Interlocked.CompareExchange(ref _client, made, null) is not { } other)
            return made;
        made.Dispose();
        return other;
    }
}
