using System.Net;
using Stevedore.Contract;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Sources.Web;

/// <summary>What a web server means when it refuses.</summary>
internal static class WebRefusal
{
    /// <summary>How the run ends.</summary>
    public static FetchException Explain(HttpReference reference, WebAnswer answer) => answer.Status switch
    {
        HttpStatusCode.NotFound or HttpStatusCode.Gone => new FetchException(
            ExitCode.NotFound, $"{answer.Who} is not there (HTTP {(int)answer.Status}), although {reference} should have it; check the address."),
        HttpStatusCode.Unauthorized => new FetchException(ExitCode.NoPermission, $"{answer.Who} {Unauthorized(reference, answer)}."),
        HttpStatusCode.Forbidden => new FetchException(
            ExitCode.NoPermission, $"{answer.Who} is forbidden (HTTP 403); let the server's owner open {reference}."),
        _ => new SourceUnavailableException($"{answer.Who} answered HTTP {(int)answer.Status}; check that {reference} is the right address."),
    };

    private static string Unauthorized(HttpReference reference, WebAnswer answer)
    {
        if (answer.Asked.Authorization is not null)
            return $"does not accept the credential that is given for {reference.Address.Authority} (HTTP 401); is it still valid?";
        return answer.WasRedirected && !WebAddress.SameOrigin(reference.Address, answer.Asked.Address)
            ? $"wants a user and password or a token (HTTP 401), and no credential follows a redirect to another host; name that host's own address instead of {reference}"
            : $"wants a user and password or a token (HTTP 401); {WebCredentials.WayOut(reference.Address.Authority)}";
    }

    /// <summary>A file of its own that is not there.</summary>
    public static FetchException Missing(HttpReference reference, HttpStatusCode status) => status == HttpStatusCode.Forbidden
        ? new FetchException(ExitCode.NoPermission, $"{reference} is forbidden (HTTP 403); let the server's owner open it.")
        : new FetchException(ExitCode.NotFound, $"{reference} is not there (HTTP {(int)status}); check the address, which must end with \"/\" where a folder is meant.");
}
