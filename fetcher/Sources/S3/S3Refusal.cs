using System.Net;
using Stevedore.Contract;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Sources.S3;

/// <summary>The bucket lies in another region than the one asked.</summary>
/// <param name="region">Where it lies.</param>
/// <param name="sentence">How the run ends where that is of no help.</param>
internal sealed class S3ElsewhereException(string region, string sentence) : FetchException(ExitCode.Unavailable, sentence)
{
    /// <summary>Where it lies.</summary>
    public string Region => region;
}

/// <summary>What a store means when it refuses.</summary>
/// <param name="reference">What was asked for.</param>
/// <param name="credentials">As whom.</param>
internal sealed class S3Refusal(S3Reference reference, S3Credentials credentials)
{
    /// <summary>How the run ends.</summary>
    /// <param name="place">Who was asked.</param>
    /// <param name="answer">Not a success, and not one that another try may mend.</param>
    /// <param name="error">What it says.</param>
    /// <param name="file">Which file was asked for; null for the list.</param>
    public FetchException Explain(S3Place place, WebAnswer answer, S3Error error, string? file)
    {
        var what = file is null ? reference.ToString() : $"{file} of {reference}";
        var said = $"HTTP {(int)answer.Status}{(error.Code is null ? "" : " " + Shown(error.Code))}";
        if (error.IsElsewhere(answer.Status, place.Region))
        {
            return new S3ElsewhereException(
                error.Region!,
                $"The bucket {reference.Bucket} lies in the region {error.Region}, and {place.Store} was asked for {place.Region} ({said}); "
                + "name the region with --s3-region or AWS_REGION, and its endpoint where one is set.");
        }

        var (exit, sentence) = (answer.Status, error.Code) switch
        {
            (_, "NoSuchBucket") => (
                ExitCode.NotFound, $"{place.Store} has no bucket {reference.Bucket} ({said}); check its name, and --s3-endpoint or AWS_ENDPOINT_URL_S3 if it is elsewhere."),
            (_, "NoSuchKey") or (HttpStatusCode.NotFound, null) when file is not null => (
                ExitCode.NotFound, $"{place.Store} no longer has {what} ({said}); fetch it again when its publisher is done, or leave it out with --exclude."),
            (HttpStatusCode.NotFound, _) => (ExitCode.NotFound, $"{place.Store} has nothing at {what} ({said}); check bucket, prefix and endpoint."),
            (_, "ExpiredToken" or "TokenRefreshRequired" or "RequestExpired" or "ExpiredTokenException") => (
                ExitCode.NoPermission, $"{place.Store} says that the session of {credentials.Origin} has expired ({said}); renew it, and start again."),
            (_, "InvalidAccessKeyId" or "InvalidToken" or "InvalidSecurity" or "UnrecognizedClientException") => (
                ExitCode.NoPermission, $"{place.Store} does not know the key of {credentials.Origin} ({said}); check that it belongs to this store."),
            (_, "SignatureDoesNotMatch") => (
                ExitCode.NoPermission,
                $"{place.Store} does not accept the signature made with {credentials.Origin} ({said}); check the secret key, and that no proxy changes requests on their way."),
            (_, "RequestTimeTooSkewed") => (
                ExitCode.NoPermission, $"{place.Store} refuses a request whose clock is off by more than 15 minutes ({said}); set this machine's clock."),
            (_, "InvalidObjectState") => (ExitCode.NotFound, $"{what} lies in an archive of {place.Store} and can't be read now ({said}); restore it first."),
            (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, _) => (ExitCode.NoPermission, Forbidden(place, what, said)),
            ( >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest, _) => (
                ExitCode.Unavailable,
                $"{place.Store} sends whoever asks for {what} elsewhere ({said}), and a signed request is not sent on; name the right endpoint with --s3-endpoint, and the region with --s3-region."),
            _ => (ExitCode.Unavailable, $"{place.Store} answered {said} when asked for {what}; check that it is an S3 store."),
        };
        return exit == ExitCode.Unavailable ? new SourceUnavailableException(sentence) : new FetchException(exit, sentence);
    }

    private string Forbidden(S3Place place, string what, string said) => credentials.IsAnonymous
        ? $"{place.Store} does not show {what} to everybody ({said}), and {credentials.Origin}; give credentials that have s3:GetObject, and s3:ListBucket on {reference.Bucket}."
        : $"{place.Store} forbids {what} to {credentials.Origin} ({said}); it needs s3:GetObject on the objects and s3:ListBucket on {reference.Bucket}.";

    private static string Shown(string code) => code.Length <= 64 && code.All(char.IsAsciiLetterOrDigit) ? code : "(an odd code)";
}
