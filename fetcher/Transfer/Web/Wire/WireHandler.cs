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
    /// <summary>What the caller will ask next, in this order and on this thread; an answer may then be on its way before it is asked for.</summary>
    public static readonly HttpRequestOptionsKey<IEnumerable<WebQuestion>> Next = new("stevedore.next");

    /// <summary>While so many answers are owed nothing more is asked ahead: a round trip's worth is on its way, and questions go out several at a time.</summary>
    private const int EnoughAhead = 4;

    private readonly WireDial _dial;
    private readonly WirePool _pool;
    private readonly IWebProxy _proxy;
    private readonly ConcurrentDictionary<string, bool> _leftToOthers = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, Foresight> _foresight = new(StringComparer.OrdinalIgnoreCase);

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
        if (_leftToOthers.ContainsKey(WebAddress.HostShown(address)) || !IsDirect(address))
            return base.Send(request, cancellationToken);
        var next = request.Options.TryGetValue(Next, out var foreseen) ? foreseen : [];
        var answer = AskedAhead(request, next, cancellationToken);
        if (answer is null)
        {
            if (WireQuestion.Of(request) is not { } question)
                return base.Send(request, cancellationToken);
            answer = Ask(address, question, next, cancellationToken);
        }

        if (answer is null)
        {
            _leftToOthers[WebAddress.HostShown(address)] = true;
            return base.Send(request, cancellationToken);
        }

        answer.RequestMessage = request;
        return answer;
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

    /// <summary>The answer to a question that was asked ahead; null where it was not, or where nothing came of it.</summary>
    private HttpResponseMessage? AskedAhead(HttpRequestMessage request, IEnumerable<WebQuestion> next, CancellationToken cancellationToken)
    {
        var address = request.RequestUri!;
        if (!_pool.Owes || _pool.TryTakeOwing(WireQuestion.KeyOf(request)) is not { } connection)
            return null;
        var foresight = ForesightOf(address);
        connection.Turn();
        try
        {
            var further = connection.Ahead < EnoughAhead ? Foreseen(address, next.Skip(connection.Ahead)) : [];
            if (Exchange(address, connection, null, further, cancellationToken) is { } answer)
            {
                foresight.Answered();
                return answer;
            }
        }
        catch (IOException)
        {
            if (cancellationToken.IsCancellationRequested)
                foresight.WasIgnored();
            cancellationToken.ThrowIfCancellationRequested();
        }

        foresight.Lost();
        return null;
    }

    private HttpResponseMessage? Ask(Uri address, WireQuestion question, IEnumerable<WebQuestion> next, CancellationToken cancellationToken)
    {
        while (true)
        {
            var connection = _pool.TryTake(address) ?? _dial.Open(address, cancellationToken);
            try
            {
                // A connection that has not answered yet may be to a server of the kind that ends it at once.
                return Exchange(address, connection, question, connection.IsUsed ? Foreseen(address, next) : [], cancellationToken);
            }
            catch (IOException) when (connection.IsUsed && !cancellationToken.IsCancellationRequested)
            {
                if (connection.Ahead > 0)
                    ForesightOf(address).Lost();
                // A server may close a connection that waits, in the very moment in which it is asked: a fresh one answers.
            }
            catch (IOException broken)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw new HttpRequestException(HttpRequestError.ResponseEnded, "The connection broke before the answer.", broken);
            }
        }
    }

    /// <summary>Asks, and reads up to the answer's body, which then owns the connection; null, with the connection closed, where the answer is not of the simple kind.</summary>
    private HttpResponseMessage? Exchange(Uri address, WireConnection connection, WireQuestion? now, List<WireQuestion> ahead, CancellationToken cancellationToken)
    {
        var isKept = false;
        try
        {
            ResponseHead? head;
            using (cancellationToken.UnsafeRegister(static state => ((WireConnection)state!).Abort(), connection))
            {
                if (now is not null || ahead.Count > 0)
                    connection.Send(now, ahead);
                head = connection.ReadHead();
                cancellationToken.ThrowIfCancellationRequested();
            }

            if (head is null)
                return null;
            if (!head.KeepsConnection && connection.Ahead > 0)
                ForesightOf(address).Lost();
            // Who is asked to wait would get as many refusals as he has asked ahead, and wait for each.
            if (connection.Ahead > 0 && RetryHeaders.IsTransient((HttpStatusCode)head.Status))
                head = head with { KeepsConnection = false };
            isKept = true;
            return Response(head, new WireBody(connection, head, kept => _pool.PutAside(address, kept)));
        }
        finally
        {
            if (!isKept)
                connection.Dispose();
        }
    }

    private List<WireQuestion> Foreseen(Uri address, IEnumerable<WebQuestion> next)
    {
        var questions = new List<WireQuestion>();
        if (!ForesightOf(address).Pays)
            return questions;
        try
        {
            foreach (var question in next.TakeWhile(question => WebAddress.SameOrigin(question.Address, address)))
            {
                if (WireQuestion.Of(question.ToMessage()) is { } foreseen)
                    questions.Add(foreseen);
            }
        }
        catch (FetchException)
        {
            // It can't be signed any more, which it says when its own turn comes.
        }

        return questions;
    }

    private Foresight ForesightOf(Uri address) => _foresight.GetOrAdd(WebAddress.HostShown(address), static _ => new());

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
