using System.Net;
using Stevedore.Contract;

namespace Stevedore.Fetcher.Transfer.Web;

/// <summary>
/// The proxies that the environment names, read as curl reads them: <c>http_proxy</c>, <c>https_proxy</c>, <c>all_proxy</c> and <c>no_proxy</c>, in
/// either case, the lower one first. .NET's own reading knows neither networks nor ports in <c>NO_PROXY</c>, and takes a name there for itself alone.
/// </summary>
internal sealed class EnvironmentProxy : IWebProxy
{
    private static readonly string[] Schemes = ["http", "https", "socks4", "socks4a", "socks5"];

    private readonly Uri? _http;
    private readonly Uri? _https;
    private readonly NoProxyList _except;

    private EnvironmentProxy(Uri? http, Uri? https, NoProxyList except, ICredentials credentials)
    {
        (_http, _https, _except) = (http, https, except);
        Credentials = credentials;
    }

    /// <summary>Nobody stands between.</summary>
    public static IWebProxy None { get; } = new WebProxy();

    /// <summary>Users and passwords as they stand in the proxies' own addresses.</summary>
    public ICredentials? Credentials { get; set; }

    /// <summary>Reads the variables.</summary>
    /// <param name="environment">Reads one of them.</param>
    /// <exception cref="FetchException">64: one of them is not the address of a proxy.</exception>
    public static IWebProxy From(Func<string, string?> environment)
    {
        var credentials = new ProxyCredentials();
        var all = Read("all_proxy");
        var (http, https) = (Read("http_proxy") ?? all, Read("https_proxy") ?? all);
        return http is null && https is null ? None : new EnvironmentProxy(http, https, NoProxyList.Parse(Value("no_proxy")), credentials);

        string? Value(string name) => environment(name) is { Length: > 0 } lower ? lower : environment(name.ToUpperInvariant());

        Uri? Read(string name)
        {
            if (Value(name)?.Trim() is not { Length: > 0 } text)
                return null;
            if (!Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text, UriKind.Absolute, out var written) || written.Host.Length == 0)
                throw Wrong(name);
            // The name is looked up at the proxy in any case, which is what the "h" asks for.
            var scheme = written.Scheme == "socks5h" ? "socks5" : written.Scheme;
            if (!Schemes.Contains(scheme))
                throw Wrong(name);
            var port = written.Port > 0 ? written.Port : scheme.StartsWith("socks", StringComparison.Ordinal) ? 1080 : 80;
            var address = new UriBuilder(scheme, written.Host, port).Uri;
            credentials.Add(address, written.UserInfo);
            return address;
        }
    }

    /// <inheritdoc/>
    public Uri? GetProxy(Uri destination) => _except.Covers(destination) ? null : destination.Scheme == "https" ? _https : _http;

    /// <inheritdoc/>
    public bool IsBypassed(Uri host) => GetProxy(host) is null;

    private static FetchException Wrong(string name) => new(
        ExitCode.Usage, $"{name.ToUpperInvariant()} is not the address of a proxy; write one such as http://proxy.example.com:3128, or unset it.");

    private sealed class ProxyCredentials : ICredentials
    {
        private readonly Dictionary<Uri, NetworkCredential> _of = [];

        public void Add(Uri proxy, string userInfo)
        {
            if (userInfo.Length == 0)
                return;
            var parts = userInfo.Split(':', 2);
            _of[proxy] = new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
        }

        // Nobody else's: a server that asks for a password gets none of a proxy's.
        public NetworkCredential? GetCredential(Uri uri, string authType) => _of.GetValueOrDefault(uri);
    }
}
