using System.Net;

namespace Stevedore.Fetcher.Transfer.Web;

/// <summary>An answer whose headers are there and whose body is not read yet.</summary>
/// <param name="response">What came.</param>
/// <param name="asked">The request that it answers, after all redirects.</param>
/// <param name="first">The request before any redirect.</param>
internal sealed class WebAnswer(HttpResponseMessage response, WebQuestion asked, WebQuestion first) : IDisposable
{
    /// <summary>What came.</summary>
    public HttpResponseMessage Response => response;

    /// <summary>The request that it answers, after all redirects.</summary>
    public WebQuestion Asked => asked;

    /// <summary>The status.</summary>
    public HttpStatusCode Status => response.StatusCode;

    /// <summary>Whether another place answered than the one first asked.</summary>
    public bool WasRedirected => !ReferenceEquals(asked, first);

    /// <summary>Who answered, for a sentence: the address asked for, or only the host that a redirect led to.</summary>
    public string Who => WebAddress.Shown(first.Address, asked.Address);

    /// <summary>A header's first value; null where it is absent.</summary>
    public string? Header(string name) =>
        response.Headers.TryGetValues(name, out var values) || response.Content.Headers.TryGetValues(name, out values)
            ? values.FirstOrDefault()
            : null;

    /// <inheritdoc/>
    public void Dispose() => response.Dispose();
}
