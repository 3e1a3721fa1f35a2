using System.Net;
using Stevedore.Contract;

namespace Stevedore.Fetcher.Transfer.Web;

/// <summary>Where a redirect leads. .NET's own redirects drop <c>Authorization</c> always and say nothing when they refuse one.</summary>
internal static class Redirect
{
    /// <summary>Redirects in a row; a renamed repository on a mirror in front of a CDN takes three.</summary>
    public const int Most = 10;

    /// <summary>What to ask next; null where the answer is not a redirect.</summary>
    /// <param name="first">What was asked before any redirect, for the sentence.</param>
    /// <param name="asked">What this answers.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="followed">Redirects that were followed until here.</param>
    /// <exception cref="FetchException">69: it leads nowhere, in circles, from https to http, or to something that is not the web.</exception>
    public static WebQuestion? Next(WebQuestion first, WebQuestion asked, HttpResponseMessage answer, int followed)
    {
        if (asked.TakesRedirectsAsAnswers || answer.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect))
        {
            return null;
        }

        var who = WebAddress.Shown(first.Address);
        if (followed == Most)
            throw Refused($"{who} redirects more than {Most} times; check that the address is right");
        if (Target(asked.Address, answer) is not { } target)
            throw Refused($"{who} redirects to nowhere (HTTP {(int)answer.StatusCode} without a usable Location); check that the address is right");
        if (target.Scheme is not ("http" or "https"))
            throw Refused($"{who} redirects to a {target.Scheme} address, which is not a web address; check that the address is right");
        if (asked.Address.Scheme == "https" && target.Scheme == "http")
        {
            throw Refused(
                $"{who} redirects from https to {WebAddress.HostShown(target)}, and what is encrypted once stays so; name the http address itself if that is what you mean");
        }

        var staysHere = WebAddress.SameOrigin(asked.Address, target);
        return asked with
        {
            Address = target,
            Authorization = staysHere ? asked.Authorization : null,
            Signer = staysHere ? asked.Signer : null,
            // Where it leads is not where the next ones begin.
            Next = null,
        };
    }

    private static Uri? Target(Uri asked, HttpResponseMessage answer)
    {
        if (!answer.Headers.NonValidated.TryGetValues("Location", out var values))
            return null;
        // Verbatim, without .NET's rewriting of percent-encodings: a signature covers the very bytes that the source wrote.
        var location = values.ToString();
        if (Uri.TryCreate(location, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }, out var absolute)
            && location.Contains("://", StringComparison.Ordinal))
        {
            return absolute;
        }

        return Uri.TryCreate(asked, location, out var relative) ? relative : null;
    }

    private static FetchException Refused(string what) => new(ExitCode.Unavailable, what + ".");
}
