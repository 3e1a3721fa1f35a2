using System.Net;
using System.Net.Security;
using Stevedore.Fetcher.Transfer.Web.Trust;
using Stevedore.Fetcher.Transfer.Web.Wire;

namespace Stevedore.Fetcher.Transfer.Web;

/// <summary>
/// One pool of connections for a run: HTTP/1.1, a connection a stream, proxies from the environment, no cookies, nothing unpacked. Follows
/// redirects itself and leaves every other status to its caller.
/// </summary>
internal sealed class WebConnections : IDisposable
{
    private readonly ServerTrust _trust;
    private readonly Lazy<HttpMessageInvoker> _open;
    private readonly Lazy<HttpMessageInvoker> _encrypted;
    private readonly Lazy<IWebProxy> _proxy;

    /// <summary>Opens and reads nothing yet: a warm start asks nobody, and reading a system's certificate authorities takes longer than all the rest of it.</summary>
    public WebConnections(WebSettings settings)
    {
        Settings = settings;
        _proxy = new Lazy<IWebProxy>(settings.Proxy);
        _trust = new ServerTrust(settings);
        // No certificate is looked at over http, so nobody's is good there.
        _open = new Lazy<HttpMessageInvoker>(() => Invoker(new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => false }));
        _encrypted = new Lazy<HttpMessageInvoker>(() => Invoker(_trust.Options()));
    }

    /// <summary>How this run talks to web servers.</summary>
    public WebSettings Settings { get; }

    /// <summary>Asks, on the calling thread, until the headers of an answer that is not a redirect are there.</summary>
    /// <exception cref="ConnectionException">No answer came.</exception>
    /// <exception cref="FetchException">69: a redirect that is not followed; 64: a CA bundle can't be used.</exception>
    public WebAnswer Send(WebQuestion request, CancellationToken cancellationToken)
    {
        var asked = request;
        for (var followed = 0; ; followed++)
        {
            var response = Through(Ask(request, asked, cancellationToken), asked);
            if (Follow(request, asked, response, followed) is not { } next)
                return new WebAnswer(response, asked, request);
            asked = next;
        }
    }

    /// <summary>Does what <see cref="Send"/> does without holding a thread.</summary>
    public async Task<WebAnswer> SendAsync(WebQuestion request, CancellationToken cancellationToken)
    {
        var asked = request;
        for (var followed = 0; ; followed++)
        {
            var response = Through(await AskAsync(request, asked, cancellationToken), asked);
            if (Follow(request, asked, response, followed) is not { } next)
                return new WebAnswer(response, asked, request);
            asked = next;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var invoker in new[] { _open, _encrypted }.Where(invoker => invoker.IsValueCreated))
            invoker.Value.Dispose();
    }

    /// <summary>Disposes of an answer that is not the last one, also where it may not be followed.</summary>
    private static WebQuestion? Follow(WebQuestion first, WebQuestion asked, HttpResponseMessage response, int followed)
    {
        WebQuestion? next = null;
        var judged = false;
        try
        {
            next = Redirect.Next(first, asked, response, followed);
            judged = true;
            return next;
        }
        finally
        {
            if (next is not null || !judged)
                response.Dispose();
        }
    }

    /// <summary>What a proxy says of itself is no answer of the server's.</summary>
    private HttpResponseMessage Through(HttpResponseMessage response, WebQuestion asked)
    {
        if (response.StatusCode != HttpStatusCode.ProxyAuthenticationRequired)
            return response;
        response.Dispose();
        throw ConnectionException.ProxyWantsPassword(ProxyOf(asked.Address));
    }

    private HttpMessageInvoker Invoker(SslClientAuthenticationOptions trust) => new(new WireHandler(Settings, new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        Proxy = _proxy.Value,
        ConnectTimeout = Settings.ConnectTimeout,
        SslOptions = trust,
        // What is left of an abandoned body is read only where that is cheaper than a new connection: redirects and refusals. A cut stream
        // has to let go of its thread at once.
        MaxResponseDrainSize = 16 * 1024,
        ResponseDrainTimeout = TimeSpan.FromMilliseconds(100),
    }));

    /// <summary>Only where somebody shows a certificate, the server or the proxy before it, is it held against authorities.</summary>
    private HttpMessageInvoker For(Uri address)
    {
        _trust.CheckBundles();
        return address.Scheme == Uri.UriSchemeHttps || ProxyOf(address)?.Scheme == Uri.UriSchemeHttps ? _encrypted.Value : _open.Value;
    }

    private Uri? ProxyOf(Uri address) => _proxy.Value.IsBypassed(address) ? null : _proxy.Value.GetProxy(address);

    private HttpResponseMessage Ask(WebQuestion first, WebQuestion asked, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Settings.AnswerTimeout, Settings.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return For(asked.Address).Send(asked.ToMessage(), either.Token);
        }
        catch (Exception broken) when (ConnectionException.IsOne(broken))
        {
            throw Explained(broken, first, asked, limit, cancellationToken);
        }
    }

    private async Task<HttpResponseMessage> AskAsync(WebQuestion first, WebQuestion asked, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Settings.AnswerTimeout, Settings.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await For(asked.Address).SendAsync(asked.ToMessage(), either.Token);
        }
        catch (Exception broken) when (ConnectionException.IsOne(broken))
        {
            throw Explained(broken, first, asked, limit, cancellationToken);
        }
    }

    private Exception Explained(Exception broken, WebQuestion first, WebQuestion asked, CancellationTokenSource limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // What was found wrong with a bundle within a handshake, which the HTTP stack has wrapped.
        if (broken.InnerException is FetchException said)
            return said;
        var who = WebAddress.Shown(first.Address, asked.Address);
        return limit.IsCancellationRequested
            ? new ConnectionException($"{who} did not answer within {Settings.AnswerTimeout.TotalSeconds:0.#} s", broken) { IsSilence = true }
            : ConnectionException.From(who, broken, ProxyOf(asked.Address));
    }
}
