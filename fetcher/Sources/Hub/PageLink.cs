using System.Text.RegularExpressions;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Sources.Hub;

/// <summary>The next page of a list, as <c>Link: &lt;…&gt;; rel="next"</c> names it.</summary>
internal static partial class PageLink
{
    /// <summary>The next page; null on the last one. May be relative to the page that names it.</summary>
    public static Uri? NextOf(WebAnswer answer) =>
        answer.Response.Headers.TryGetValues("Link", out var values)
        && Next().Match(string.Join(", ", values)) is { Success: true } link
        && Uri.TryCreate(answer.Asked.Address, link.Groups["address"].Value, out var next)
            ? next
            : null;

    [GeneratedRegex("""<(?<address>[^<>]*)>(\s*;\s*(?!rel\b)[a-zA-Z]+=("[^"]*"|[^",;\s]*))*\s*;\s*rel="?next"?""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Next();
}
