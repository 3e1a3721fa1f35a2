using System.Net;
using Amazon.Runtime;
using Stevedore.Contract;

namespace Stevedore.Fetcher.Publishing.Copies;

/// <summary>What a store means when it refuses to be written to.</summary>
internal static class BucketRefusal
{
    private const string Rights = "s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload on the objects";

    /// <summary>How the run ends.</summary>
    /// <param name="broken">What the SDK threw.</param>
    /// <param name="store">Who refuses.</param>
    /// <param name="what">What was to be written.</param>
    /// <param name="who">Whose keys they are.</param>
    public static FetchException Explain(Exception broken, string store, string what, string who)
    {
        if (broken is not AmazonServiceException { StatusCode: not 0 } refused)
            return new SourceUnavailableException($"{store} can't be written to ({broken.GetType().Name}), {what} in particular; check that it is up, and start again.", broken);
        var said = $"HTTP {(int)refused.StatusCode} {refused.ErrorCode}".TrimEnd();
        return (refused.StatusCode, refused.ErrorCode) switch
        {
            (_, "NoSuchBucket") => new FetchException(ExitCode.NotFound, $"{store} has no bucket for {what} ({said}); make it first.", broken),
            (HttpStatusCode.InsufficientStorage, _) or (_, "QuotaExceeded" or "XMinioStorageFull") => new FetchException(
                ExitCode.CannotWrite, $"{store} has no room for {what} ({said}); give the bucket more.", broken),
            (HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized, _) or (_, "ExpiredToken" or "InvalidToken") => new FetchException(
                ExitCode.NoPermission, $"{store} does not let {who} write {what} ({said}); it needs {Rights}.", broken),
            _ => new SourceUnavailableException($"{store} answered {said} when {what} was written; start again, what has arrived is kept.", broken),
        };
    }
}
