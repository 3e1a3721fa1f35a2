using System.IO.Pipelines;
using System.Net.Http.Headers;
using Stevedore.Contract.Values;

namespace Stevedore.Webhook.Admission;

/// <summary>An HTTP request in, a request to answer out; every 4xx is decided here.</summary>
internal static class ReviewBody
{
    /// <summary>The API server's own limit on an object; a review holds one, or on an update two that together stay below it.</summary>
    public const int Limit = 3 * 1024 * 1024;

    /// <summary>How long a body may take where the caller does not say: the API server's own default.</summary>
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Reads one review.</summary>
    public static async ValueTask<ReviewRead> ReadAsync(HttpRequest request, TimeProvider clock, CancellationToken cancellation)
    {
        if (!HttpMethods.IsPost(request.Method))
            return Refusal.Method(request.Method);
        if (!IsJson(request.ContentType))
            return Refusal.ContentType(request.ContentType);
        if (request.ContentLength > Limit)
            return Refusal.TooLarge(Limit);
        try
        {
            // Nearly always the whole body is there already; only for the rest is there a timer.
            var body = request.BodyReader;
            if (body.TryRead(out var read) && Whole(body, read) is { } review)
                return review;
            return await RestAsync(request, clock, cancellation);
        }
        catch (BadHttpRequestException e)
        {
            return e.StatusCode == StatusCodes.Status413PayloadTooLarge ? Refusal.TooLarge(Limit) : Refusal.Http(e.StatusCode);
        }
    }

    private static async Task<ReviewRead> RestAsync(HttpRequest request, TimeProvider clock, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(Timeout(request), clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            while (true)
            {
                var read = await request.BodyReader.ReadAsync(either.Token);
                if (Whole(request.BodyReader, read) is { } review)
                    return review;
            }
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return Refusal.TooSlow();
        }
    }

    private static ReviewRead? Whole(PipeReader body, ReadResult read)
    {
        var size = read.Buffer.Length;
        if (size <= Limit && !read.IsCompleted)
        {
            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            return null;
        }

        ReviewRead review = size > Limit ? Refusal.TooLarge(Limit) : ReviewReader.Read(read.Buffer);
        body.AdvanceTo(read.Buffer.End);
        return review;
    }

    /// <summary>A tenth less than the caller waits (<c>?timeout=10s</c>): an answer after that reaches nobody.</summary>
    private static TimeSpan Timeout(HttpRequest request)
    {
        var asked = GoDuration.Parse(request.Query["timeout"].ToString());
        var timeout = asked.IsValid && asked.Value > TimeSpan.Zero && asked.Value < DefaultTimeout * 3 ? asked.Value : DefaultTimeout;
        return timeout * 0.9;
    }

    private static bool IsJson(string? contentType) => contentType is "application/json"
        || (MediaTypeHeaderValue.TryParse(contentType, out var type)
            && string.Equals(type.MediaType, "application/json", StringComparison.OrdinalIgnoreCase));
}
