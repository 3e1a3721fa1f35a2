namespace Stevedore.Fetcher.Transfer.Web;

/// <summary>Addresses as they may be shown (signatures live in query strings, passwords in userinfo), and as far as a credential may go.</summary>
internal static class WebAddress
{
    /// <summary>Scheme, host, port and path.</summary>
    public static string Shown(Uri address)
    {
        var path = address.PathAndQuery;
        var end = path.AsSpan().IndexOfAny('?', '#');
        return HostShown(address) + (end < 0 ? path : path[..end]);
    }

    /// <summary>Scheme, host and port: all that is said of a place that a redirect led to, since its path may be part of what is signed.</summary>
    public static string HostShown(Uri address) => $"{address.Scheme}://{AuthorityOf(address)}";

    /// <summary>Host and port, as the <c>Host</c> header has them.</summary>
    public static string AuthorityOf(Uri address)
    {
        var host = address.HostNameType == UriHostNameType.IPv6 ? $"[{address.IdnHost.Trim('[', ']')}]" : address.IdnHost;
        return address.IsDefaultPort ? host : $"{host}:{address.Port}";
    }

    /// <summary>What was asked for, and where a redirect of it led if it led to another host.</summary>
    public static string Shown(Uri asked, Uri answering) =>
        SameOrigin(asked, answering) ? Shown(asked) : $"{Shown(asked)} (redirected to {HostShown(answering)})";

    /// <summary>Whether both have the same scheme, host and port.</summary>
    public static bool SameOrigin(Uri one, Uri other) =>
        one.Scheme == other.Scheme && one.Port == other.Port && string.Equals(one.IdnHost, other.IdnHost, StringComparison.OrdinalIgnoreCase);

    /// <summary>A relative path with each of its segments percent-encoded, as UTF-8.</summary>
    public static string Encoded(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
}
