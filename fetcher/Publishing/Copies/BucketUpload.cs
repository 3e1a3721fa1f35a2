using System.Collections.Concurrent;
using Amazon.Runtime;
using Amazon.S3.Model;

namespace Stevedore.Fetcher.Publishing.Copies;

/// <summary>A multipart upload: the object appears when it is completed, and costs nothing when it is aborted.</summary>
/// <param name="target">The bucket.</param>
/// <param name="path">The file.</param>
/// <param name="id">The upload.</param>
/// <param name="size">Bytes of the whole.</param>
internal sealed class BucketUpload(BucketTarget target, string path, string id, long size) : ICopyUpload
{
    // S3 takes 10,000 parts of at least 5 MiB.
    private const int SmallestPart = 8 << 20;
    private const int MostParts = 9_000;
    private static readonly TimeSpan AbortWithin = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<int, string> _parts = [];
    private bool _isComplete;

    /// <inheritdoc/>
    public int PartSize { get; } = (int)Math.Max(SmallestPart, (((size / MostParts) >> 20) + 1) << 20);

    /// <inheritdoc/>
    public Task SendAsync(int number, ReadOnlyMemory<byte> part, CancellationToken cancellationToken) => target.WriteAsync(path, async client =>
    {
        using var body = new MemoryStream(part.ToArray(), writable: false);
        var answer = await client.UploadPartAsync(
            new UploadPartRequest
            {
                BucketName = target.Bucket,
                Key = target.KeyOf(path),
                UploadId = id,
                PartNumber = number,
                PartSize = part.Length,
                InputStream = body,
                UseChunkEncoding = false,
                DisablePayloadSigning = false,
            },
            cancellationToken);
        return _parts[number] = answer.ETag;
    });

    /// <inheritdoc/>
    public Task<string> CompleteAsync(CancellationToken cancellationToken) => target.WriteAsync(path, async client =>
    {
        var answer = await client.CompleteMultipartUploadAsync(
            new CompleteMultipartUploadRequest
            {
                BucketName = target.Bucket,
                Key = target.KeyOf(path),
                UploadId = id,
                PartETags = [.. _parts.OrderBy(part => part.Key).Select(part => new PartETag(part.Key, part.Value))],
            },
            cancellationToken);
        _isComplete = true;
        return BucketTarget.TagOf(answer.ETag);
    });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_isComplete)
            return;
        try
        {
            // Not under the caller's token: what was begun costs money until it is aborted.
            using var limit = new CancellationTokenSource(AbortWithin);
            await target.WriteAsync(path, client => client.AbortMultipartUploadAsync(
                new AbortMultipartUploadRequest { BucketName = target.Bucket, Key = target.KeyOf(path), UploadId = id }, limit.Token));
        }
        catch (Exception broken) when (broken is FetchException or AmazonServiceException or OperationCanceledException)
        {
            // A lifecycle rule for incomplete uploads removes it; the run's own failure is what a person must read.
        }
    }
}
