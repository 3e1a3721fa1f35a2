using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;

namespace Stevedore.Fetcher.Transfer.Web.Wire;

/// <summary>
/// Asks blocking questions over connections of its own, and leaves to the handler behind it what is not simple: proxies, other methods, answers that are not
/// framed by their length. Which hosts answer so is remembered.
/// </summary>
internal sealed class WireHandler : DelegatingHandler
{
    private readonly WireDial _dial;
    private readonly WirePool _pool;
    private readonly IWebProxy _proxy;
    private readonly ConcurrentDictionary<string, bool> _leftToOthers = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Opens nothing yet.</summary>
    /// <param name="settings">Timeouts.</param>
    /// <param name="behind">Takes what is left to it; knows the proxies and whom to trust.</param>
    public WireHandler(WebSettings settings, SocketsHttpHandler behind)
        : base(behind)
    {
        _proxy = behind.Proxy ?? throw new ArgumentException("What is asked through a proxy is left to the handler behind, so it must have one.", nameof(behind));
        _dial = new WireDial(settings, () => new()
        {
            CertificateChainPolicy = behind.SslOptions.CertificateChainPolicy?.Clone(),
            RemoteCertificateValidationCallback = behind.SslOptions.RemoteCertificateValidationCallback,
        });
        _pool = new WirePool(settings.Time);
    }

    /// <inheritdoc/>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var address = request.RequestUri!;
        if (_leftToOthers.ContainsKey(WebAddress.HostShown(address)) || !IsDirect(address) || WireQuestion.Of(request) is not { } question)
            return base.Send(request, cancellationToken);
        if (Ask(address, question, cancellationToken) is { } answer)
        {
            answer.RequestMessage = request;
            return answer;
        }

        _leftToOthers[WebAddress.HostShown(address)] = true;
        return base.Send(request, cancellationToken);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _pool.Dispose();
        base.Dispose(disposing);
    }

    private bool IsDirect(Uri address) =>
        address.Scheme is "http" or "https" && (_proxy.IsBypassed(address) || _proxy.GetProxy(address) is not { } proxy || proxy == address);

    private HttpResponseMessage? Ask(Uri address, byte[] question, CancellationToken cancellationToken)
    {
        while (true)
        {
            var connection = _pool.TryTake(address) ?? _dial.Open(address, cancellationToken);
            var isKept = false;
            try
            {
                if (Exchange(connection, question, cancellationToken) is not { } head)
                    return null;
                isKept = true;
                return Response(head, new WireBody(connection, head, kept => _pool.PutAside(address, kept)));
            }
            catch (IOException) when (connection.IsUsed && !cancellationToken.IsCancellationRequested)
            {
                // A server may close a connection that waits, in the very moment in which it is asked: a fresh one answers.
            }
            catch (IOException broken)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw new HttpRequestException(HttpRequestError.ResponseEnded, "The connection broke before the answer.", broken);
            }
            finally
            {
                if (!isKept)
                    connection.Dispose();
            }
        }
    }

    private static ResponseHead? Exchange(WireConnection connection, byte[] question, CancellationToken cancellationToken)
    {
        using (cancellationToken.UnsafeRegister(static state => ((WireConnection)state!).Abort(), connection))
        {
            connection.Send(question);
            var head = connection.ReadHead();
            cancellationToken.ThrowIfCancellationRequested();
            return head;
        }
    }

    private static HttpResponseMessage Response(ResponseHead head, WireBody body)
    {
        var response = new HttpResponseMessage((HttpStatusCode)head.Status) { Content = new WireContent(body, head.Length) };
        foreach (var (name, value) in head.Headers)
        {
            HttpHeaders headers = response.Headers;
            if (!headers.TryAddWithoutValidation(name, value))
                response.Content.Headers.TryAddWithoutValidation(name, value);
        }

        return response;
    }
}
