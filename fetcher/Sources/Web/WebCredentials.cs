using System.Text;
using Stevedore.Contract;

namespace Stevedore.Fetcher.Sources.Web;

/// <summary>
/// What web servers are told about who asks: from the variables below, else from a netrc file. Each credential belongs to a host; it goes to that host
/// alone, and only where a reference names it: what a redirect leads to gets none.
/// </summary>
internal sealed class WebCredentials
{
    /// <summary>The host, perhaps with a port, that the other variables are meant for.</summary>
    public const string HostVariable = "STEVEDORE_HTTP_HOST";

    /// <summary>A bearer token.</summary>
    public const string TokenVariable = "STEVEDORE_HTTP_TOKEN";

    /// <summary>A user, for basic authentication.</summary>
    public const string UserVariable = "STEVEDORE_HTTP_USER";

    /// <summary>The user's password.</summary>
    public const string PasswordVariable = "STEVEDORE_HTTP_PASSWORD";

    private readonly Place? _host;
    private readonly string? _authorization;
    private readonly Netrc _netrc;

    private WebCredentials(Place? host, string? authorization, Netrc netrc) => (_host, _authorization, _netrc) = (host, authorization, netrc);

    /// <summary>What a person can do who has a credential, for a sentence.</summary>
    /// <param name="host">Whose credential.</param>
    public static string WayOut(string host) =>
        $"set {HostVariable}={host} with {TokenVariable}, or with {UserVariable} and {PasswordVariable}, or give {host} an entry in the file that NETRC names";

    /// <summary>Reads the variables and the file.</summary>
    /// <param name="environment">Reads an environment variable.</param>
    /// <exception cref="FetchException">64: they contradict each other, or can't be what is meant.</exception>
    public static WebCredentials From(Func<string, string?> environment)
    {
        var authorization = Authorization(Value(TokenVariable), Value(UserVariable), Value(PasswordVariable));
        var host = Value(HostVariable);
        if (authorization is not null && host is null)
            throw Usage($"{TokenVariable} or {UserVariable} is set, but not whose it is; name the host in {HostVariable}, such as models.example.com.");
        var place = host is null ? null : Place.Parse(host) ?? throw Usage($"{HostVariable} is not a host; write one such as models.example.com or models.example.com:8443.");
        return new WebCredentials(place, authorization, Netrc.Find(environment));

        // A value that comes from a file often ends with its line.
        string? Value(string name) => environment(name)?.Trim() is { Length: > 0 } value ? value : null;
    }

    /// <summary>The value of <c>Authorization</c> for an address that a reference names; null where there is none for its host.</summary>
    public string? For(Uri address)
    {
        if (_authorization is not null && _host!.Is(address))
            return _authorization;
        return _netrc.For(address.IdnHost.Trim('[', ']')) is { } entry ? Basic(entry.Login, entry.Password) : null;
    }

    private static string? Authorization(string? token, string? user, string? password) => (token, user, password) switch
    {
        (not null, null, null) => token.All(c => c is > ' ' and < '\x7f')
            ? $"Bearer {token}"
            : throw Usage($"{TokenVariable} contains white space, control characters or letters that no token has; write nothing but the token there."),
        (not null, _, _) => throw Usage($"{TokenVariable} is set together with {UserVariable} or {PasswordVariable}; a server is told one or the other."),
        (null, not null, _) => user.Contains(':', StringComparison.Ordinal)
            ? throw Usage($"{UserVariable} contains a colon, which no user's name can; put the password into {PasswordVariable}.")
            : Basic(user, password ?? ""),
        (null, null, not null) => throw Usage($"{PasswordVariable} is set without {UserVariable}; name the user too."),
        _ => null,
    };

    private static string Basic(string user, string password) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));

    private static FetchException Usage(string sentence) => new(ExitCode.Usage, sentence);

    /// <summary>A host.</summary>
    /// <param name="Host">In ASCII, without brackets.</param>
    /// <param name="Port">The only port that is meant; null for all.</param>
    private sealed record Place(string Host, int? Port)
    {
        public static Place? Parse(string text)
        {
            if (text.AsSpan().IndexOfAny("/\\?#@") >= 0 || !Uri.TryCreate($"http://{text}", UriKind.Absolute, out var read))
                return null;
            var hasPort = text.IndexOf(':', text.LastIndexOf(']') + 1) >= 0;
            return new Place(read.IdnHost.Trim('[', ']'), hasPort ? read.Port : null);
        }

        public bool Is(Uri address) =>
            string.Equals(Host, address.IdnHost.Trim('[', ']'), StringComparison.OrdinalIgnoreCase) && (Port is null || Port == address.Port);
    }
}
