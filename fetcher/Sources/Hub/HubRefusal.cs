using System.Net;
using Stevedore.Contract;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Sources.Hub;

/// <summary>What the Hub means when it refuses.</summary>
/// <param name="endpoint">Who refuses.</param>
/// <param name="reference">What was asked for.</param>
internal sealed class HubRefusal(HubEndpoint endpoint, HubReference reference)
{
    /// <summary>How the run ends.</summary>
    /// <remarks>
    /// The Hub says more in <c>X-Error-Code</c> than in its status: a missing, a private and a gated repository are all 401 to whoever has no
    /// valid token (huggingface_hub, <c>hf_raise_for_status</c>).
    /// </remarks>
    /// <param name="answer">A status of the 4xx or another that was not expected.</param>
    /// <param name="file">The file that was asked for; null for the model itself.</param>
    public FetchException Explain(WebAnswer answer, string? file = null)
    {
        if (answer.WasRedirected && !WebAddress.SameOrigin(answer.Asked.Address, endpoint.Root))
            return FromStore(answer, file);

        var code = answer.Header("X-Error-Code");
        return (answer.Status, code) switch
        {
            (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, "GatedRepo") => Gated(),
            (HttpStatusCode.Unauthorized, "RepoNotFound") => Hidden(ExitCode.NotFound),
            (HttpStatusCode.Unauthorized, _) => Hidden(ExitCode.NoPermission),
            (HttpStatusCode.Forbidden, _) => new(
                ExitCode.NoPermission, $"{endpoint} forbids {reference} (HTTP 403); give a token in HF_TOKEN that may read it."),
            (HttpStatusCode.NotFound, "RevisionNotFound") => new(
                ExitCode.NotFound, $"{endpoint} has no revision \"{reference.RevisionOrDefault}\" of {reference.Id}; name a branch, a tag or a commit that it has."),
            (HttpStatusCode.NotFound, _) when file is not null => new(
                ExitCode.NotFound, $"{endpoint} lists the file {file} of {reference} but does not have it (HTTP 404); ask the model's owner to mend it, or leave it out with --exclude."),
            (HttpStatusCode.NotFound, _) => new(
                ExitCode.NotFound, $"{endpoint} has no model {reference.Id} (HTTP 404); check its name, and HF_ENDPOINT if the model is elsewhere."),
            _ => new SourceUnavailableException($"{endpoint} answered HTTP {(int)answer.Status} when asked for {reference}; check HF_ENDPOINT."),
        };
    }

    private FetchException Gated() => new(
        ExitCode.NoPermission,
        $"{reference} is gated at {endpoint}; ask for access on the model's page and give a token of the account that has it in HF_TOKEN.");

    private FetchException Hidden(ExitCode code) => new(
        code,
        endpoint.Token is null
            ? $"{endpoint} does not show {reference} without a token (HTTP 401), and missing, private and gated models look alike here; check the name, or give a token in HF_TOKEN that may read it."
            : $"{endpoint} does not show {reference} to the token that was given (HTTP 401), and missing, private and gated models look alike here; check the name, and that the token in HF_TOKEN is valid and may read it.");

    private FetchException FromStore(WebAnswer answer, string? file)
    {
        var what = $"{WebAddress.HostShown(answer.Asked.Address)}, where {endpoint} keeps {file ?? "the files"} of {reference}, answered HTTP {(int)answer.Status}";
        return answer.Status switch
        {
            HttpStatusCode.NotFound or HttpStatusCode.Gone => new FetchException(ExitCode.NotFound, what + " to a fresh address; try again, and ask the model's owner if that stays so."),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new FetchException(
                ExitCode.NoPermission, what + " to a fresh address; check that a proxy between here and there does not forbid it."),
            _ => new SourceUnavailableException(what + "; try again later."),
        };
    }
}
