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
        HttpStatusCode.Unauthorized => new FetchException(
            ExitCode.NoPermission, $"{answer.Who} wants a user and password or a token (HTTP 401), and this version sends none to web servers; publish {reference} where it can be read without."),
        HttpStatusCode.Forbidden => new FetchException(
            ExitCode.NoPermission, $"{answer.Who} is forbidden (HTTP 403); let the server's owner open {reference}."),
        _ => new SourceUnavailableException($"{answer.Who} answered HTTP {(int)answer.Status}; check that {reference} is the right address."),
    };

    /// <summary>A file of its own that is not there.</summary>
    public static FetchException Missing(HttpReference reference, HttpStatusCode status) => status == HttpStatusCode.Forbidden
        ? new FetchException(ExitCode.NoPermission, $"{reference} is forbidden (HTTP 403); let the server's owner open it.")
        : new FetchException(ExitCode.NotFound, $"{reference} is not there (HTTP {(int)status}); check the address, which must end with \"/\" where a folder is meant.");
}
