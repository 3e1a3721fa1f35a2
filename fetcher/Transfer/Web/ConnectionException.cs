using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.RegularExpressions;
using Stevedore.Fetcher.Transfer.Web.Trust;

namespace Stevedore.Fetcher.Transfer.Web;

/// <summary>No answer came, or it broke off.</summary>
/// <param name="message">Who did what, without a full stop, so that callers can add how often and what to do. It never repeats .NET's own
/// text, which names proxies with their passwords.</param>
/// <param name="inner">What broke.</param>
internal sealed partial class ConnectionException(string message, Exception? inner) : Exception(message, inner)
{
    /// <summary>Whether trying again can't help: the other side's certificate is not trusted, a proxy wants a password.</summary>
    public bool IsHopeless { get; private init; }

    /// <summary>Whether the other side was there and said nothing for too long.</summary>
    public bool IsSilence { get; init; }

    /// <summary>Whether an exception of the HTTP stack is about the connection, a timeout or a broken answer.</summary>
    public static bool IsOne(Exception broken) =>
        broken is HttpRequestException or IOException or SocketException or OperationCanceledException or ObjectDisposedException;

    /// <summary>A proxy answered 407.</summary>
    public static ConnectionException ProxyWantsPassword(Uri? proxy) =>
        new($"The proxy{Named(proxy)} wants a user and password (HTTP 407; write them into the variable that names it, or list the host in NO_PROXY)", null)
        {
            IsHopeless = true,
        };

    /// <summary>In words of our own.</summary>
    /// <param name="who">Whom the answer was expected of.</param>
    /// <param name="broken">What the HTTP stack threw.</param>
    /// <param name="proxy">The proxy between here and there; null where there is none, or where a connection stood already.</param>
    public static ConnectionException From(string who, Exception broken, Uri? proxy = null)
    {
        if (Find<RevokedCertificateException>(broken) is { } revoked)
            return new ConnectionException($"{who} {revoked.Message}", broken) { IsHopeless = true };
        if (Find<AuthenticationException>(broken) is not null && Find<IOException>(broken) is null && Find<SocketException>(broken) is null)
        {
            return new ConnectionException(
                $"{who} has a certificate that is not trusted here (give its authority with --ca-bundle or SSL_CERT_FILE if you trust it)", broken)
            {
                IsHopeless = true,
            };
        }

        if (TunnelStatus(broken) is { } status)
        {
            return status == HttpStatusCode.ProxyAuthenticationRequired
                ? ProxyWantsPassword(proxy)
                : new ConnectionException($"{who} can't be reached: the proxy{Named(proxy)} answered HTTP {(int)status}", broken) { IsHopeless = !RetryHeaders.IsTransient(status) };
        }

        return new ConnectionException(
            proxy is null ? $"{who} {Reason(broken)}" : $"{who}, asked through the proxy{Named(proxy)}, {Reason(broken)}", broken);
    }

    /// <summary>What a proxy answered that was asked for a tunnel. .NET says so in its text alone; a text of another form costs no more than a plainer sentence.</summary>
    private static HttpStatusCode? TunnelStatus(Exception broken) =>
        broken is HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } && QuotedStatus().Match(broken.Message) is { Success: true } match
            ? (HttpStatusCode)int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
            : null;

    [GeneratedRegex("'([1-5][0-9]{2})'")]
    private static partial Regex QuotedStatus();

    private static string Named(Uri? proxy) => proxy is null ? "" : " " + WebAddress.HostShown(proxy);

    private static string Reason(Exception broken) => Find<SocketException>(broken)?.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "refused the connection",
        SocketError.ConnectionReset or SocketError.ConnectionAborted => "reset the connection",
        SocketError.HostNotFound or SocketError.NoData => "has a host name that is not known here",
        SocketError.TryAgain => "has a host name that could not be looked up",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => "can't be reached",
        _ when broken is OperationCanceledException => "took too long to answer",
        _ => (broken as HttpRequestException)?.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => "has a host name that could not be looked up",
            HttpRequestError.SecureConnectionError => "broke off the TLS handshake",
            HttpRequestError.ProxyTunnelError => "can't be reached",
            HttpRequestError.ConnectionError => "could not be connected to in time",
            HttpRequestError.ResponseEnded => "ended its answer too early",
            HttpRequestError.InvalidResponse => "sent something that is not HTTP",
            _ => "broke the connection",
        },
    };

    private static T? Find<T>(Exception? broken)
        where T : Exception
    {
        for (; broken is not null; broken = broken.InnerException)
        {
            if (broken is T found)
                return found;
        }

        return null;
    }
}
