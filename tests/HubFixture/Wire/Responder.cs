using System.Net.Sockets;
using Microsoft.AspNetCore.Http.Features;

namespace Stevedore.HubFixture.Wire;

/// <summary>One request from its arrival to its end: recorded, answered, and distorted by the faults that strike it.</summary>
internal sealed class Responder(
    Listener listener, AccessLog log, FaultList faults, Func<HttpContext, Exchange, Answer> answerTo, Action expireUrls)
{
    public async Task HandleAsync(HttpContext http)
    {
        var request = http.Request;
        var path = Uri.UnescapeDataString(RawPath(http));
        var range = request.Headers.Range.FirstOrDefault();
        var exchange = new Exchange(listener, request.Method, path, range, hasAuthorization: request.Headers.Authorization.Count > 0);
        log.Add(exchange);
        var answer = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)
            ? answerTo(http, exchange)
            : ShortAnswer.Text(405, "The fixture answers GET and HEAD only.");
        var distortion = faults.Strike(exchange, HttpMethods.IsGet(request.Method) ? (answer as ContentAnswer)?.Content.Length : null);
        try
        {
            await AnswerAsync(http, exchange, answer, distortion);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client is gone, or the server is being stopped; either way nobody listens any more.
            http.Abort();
        }
    }

    /// <summary>The path as it was sent: Kestrel's own <c>Path</c> has forgotten which slashes were escaped.</summary>
    public static string RawPath(HttpContext http)
    {
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var query = target.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? target : target[..query];
    }

    private async Task AnswerAsync(HttpContext http, Exchange exchange, Answer answer, Distortion distortion)
    {
        if (distortion.ExpireUrls)
            expireUrls();
        if (distortion.ResetBeforeHeaders)
            await ConnectionEnd.ResetAsync(http);
        else if (distortion.Instead is { } instead)
            await SendShortAsync(http, exchange, instead);
        else if (answer is ContentAnswer content && content.Guard?.Invoke() is { } refusal)
            await SendShortAsync(http, exchange, refusal);
        else if (answer is ContentAnswer granted)
            await SendContentAsync(http, exchange, granted, distortion);
        else
            await SendShortAsync(http, exchange, (ShortAnswer)answer);
    }

    private static async Task SendShortAsync(HttpContext http, Exchange exchange, ShortAnswer answer)
    {
        exchange.Begin(answer.Status, isContent: false);
        Prepare(http.Response, answer.Status, answer);
        http.Response.ContentType = answer.ContentType;
        http.Response.ContentLength = answer.Body.Length;
        if (HttpMethods.IsHead(http.Request.Method))
            return;
        exchange.Count(answer.Body.Length);
        await http.Response.Body.WriteAsync(answer.Body, http.RequestAborted);
    }

    private static async Task SendContentAsync(HttpContext http, Exchange exchange, ContentAnswer answer, Distortion distortion)
    {
        var plan = ReplyPlan.For(answer, http.Request, distortion);
        var hasBody = plan.Status is 200 or 206;
        exchange.Begin(plan.Status, hasBody);
        Prepare(http.Response, plan.Status, answer);
        http.Response.Headers.ETag = plan.ETag;
        http.Response.Headers.AcceptRanges = answer.Ranges ? "bytes" : "none";
        if (plan.ContentRange is not null)
            http.Response.Headers.ContentRange = plan.ContentRange;
        if (plan.Gzip)
            http.Response.Headers.ContentEncoding = "gzip";
        else if (plan.Status != 304)
            http.Response.ContentLength = plan.Count;
        if (!hasBody)
            return;
        http.Response.ContentType = answer.ContentType;
        if (!HttpMethods.IsHead(http.Request.Method))
            await new ContentSender(http, exchange, distortion).SendAsync(answer.Content, plan);
    }

    private static void Prepare(HttpResponse response, int status, Answer answer)
    {
        response.StatusCode = status;
        foreach (var (name, value) in answer.Headers)
            response.Headers[name] = value;
    }
}
