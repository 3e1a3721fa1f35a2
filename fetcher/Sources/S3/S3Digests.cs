using System.Net;
using Stevedore.Contract;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Sources.S3;

/// <summary>Learns of each object by what it can be checked: lists don't tell, so the objects are asked, several at once.</summary>
/// <param name="bucket">The bucket.</param>
internal sealed class S3Digests(S3Bucket bucket)
{
    private const int QuestionsAtOnce = 16;

    /// <summary>The digests that the store itself vouches for; files without one are given back as they were.</summary>
    /// <param name="files">The wanted files with their objects.</param>
    /// <param name="patience">How much trouble to sit out.</param>
    /// <param name="cancellationToken">Stops the calls.</param>
    public async Task<IReadOnlyList<ManifestFile>> AddAsync(
        IReadOnlyList<(ManifestFile File, S3Object Object)> files, Patience patience, CancellationToken cancellationToken)
    {
        var known = new ManifestFile[files.Count];
        await Parallel.ForAsync(
            0,
            files.Count,
            new ParallelOptions { MaxDegreeOfParallelism = QuestionsAtOnce, CancellationToken = cancellationToken },
            async (i, stop) =>
            {
                var (file, listed) = files[i];
                known[i] = listed.MayHaveChecksum || listed.Md5Candidate is not null
                    ? file with { Digest = await AskAsync(file, listed, patience, stop) }
                    : file;
            });
        return known;
    }

    /// <summary>What an object's headers say; null where they say nothing of its whole content.</summary>
    public static ContentDigest? Of(WebAnswer answer, string? md5Candidate)
    {
        if (answer.Header("x-amz-checksum-type") != "COMPOSITE")
        {
            var found = From(answer, DigestAlgorithm.Sha256, "sha256") ?? From(answer, DigestAlgorithm.Crc64Nvme, "crc64nvme")
                ?? From(answer, DigestAlgorithm.Sha1, "sha1") ?? From(answer, DigestAlgorithm.Crc32C, "crc32c") ?? From(answer, DigestAlgorithm.Crc32, "crc32");
            if (found is not null)
                return found;
        }

        // "The ETag … is not an MD5 digest" of objects that are encrypted with a key of KMS or of the customer's own:
        // https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
        var hasOwnKey = answer.Header("x-amz-server-side-encryption")?.StartsWith("aws:kms", StringComparison.Ordinal) == true
            || answer.Header("x-amz-server-side-encryption-customer-algorithm") is not null;
        return hasOwnKey ? null : ContentDigest.TryCreate(DigestAlgorithm.Md5, md5Candidate);
    }

    private Task<ContentDigest?> AskAsync(ManifestFile file, S3Object listed, Patience patience, CancellationToken cancellationToken) => bucket.AskAsync(
        place => place.Object(listed.Key) with { Method = HttpMethod.Head, Headers = [new("x-amz-checksum-mode", "ENABLED")] },
        patience,
        file.Path,
        async (answer, body, _) => answer.Status switch
        {
            not HttpStatusCode.OK => throw await bucket.ExplainAsync(answer, body, file.Path),
            _ when Differs(answer, listed) => throw new FetchException(
                ExitCode.WrongContent, $"{file.Path} of {bucket.Reference} changed while it was listed; fetch again when its publisher is done."),
            _ => Of(answer, listed.Md5Candidate),
        },
        cancellationToken);

    private static bool Differs(WebAnswer answer, S3Object listed) =>
        (listed.ETag is { } etag && new Validator(etag).Contradicts(answer))
        || (answer.Response.Content.Headers.ContentLength is { } length && length != listed.Size);

    /// <summary>Base64 in a header; that of parts has their number behind it and is none of these.</summary>
    private static ContentDigest? From(WebAnswer answer, DigestAlgorithm algorithm, string name)
    {
        var bytes = new byte[64];
        return answer.Header("x-amz-checksum-" + name) is { Length: < 64 } text && Convert.TryFromBase64String(text, bytes, out var length)
            ? ContentDigest.TryCreate(algorithm, Convert.ToHexStringLower(bytes.AsSpan(0, length)))
            : null;
    }
}
