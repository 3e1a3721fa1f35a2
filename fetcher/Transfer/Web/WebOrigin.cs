using System.Net;
using Stevedore.Fetcher.Reporting;

namespace Stevedore.Fetcher.Transfer.Web;

/// <summary>A file on a web server, read in ranges by several blocking threads at once.</summary>
/// <param name="web">The connections.</param>
/// <param name="source">The file's own address, before any redirect.</param>
/// <param name="size">Its size as the manifest has it.</param>
/// <param name="validator">What its content was listed with; null where a digest tells it from others.</param>
/// <param name="refusal">How the run ends when the source refuses for good.</param>
internal sealed class WebOrigin(WebConnections web, WebQuestion source, long size, Validator? validator, Func<WebAnswer, FetchException> refusal) : IContentOrigin
{
    private readonly Route _route = new(web, source);
    private Seen _seen = new(null, null);

    /// <inheritdoc/>
    public WebQuestion? Foreseen => size == 0 ? null : Shaped(_route.Start, null);

    /// <inheritdoc/>
    public OpenContent Open(long from, long to, bool whole, CancellationToken cancellationToken) => Open(from, to, whole, [], cancellationToken);

    /// <inheritdoc/>
    public OpenContent OpenWhole(long size, IReadOnlyList<IContentOrigin> next, CancellationToken cancellationToken) => Open(0, size, whole: true, next, cancellationToken);

    private OpenContent Open(long from, long to, bool whole, IReadOnlyList<IContentOrigin> next, CancellationToken cancellationToken)
    {
        if (from == to)
            return new OpenContent(Stream.Null, from);

        var asked = new ByteSpan(from, to);
        while (true)
        {
            var before = Volatile.Read(ref _seen);
            var (answer, isFresh) = Ask(asked, whole, next, cancellationToken);
            var keep = false;
            try
            {
                // Only an address that was found with this very question tells that the store means it: one of another stream's may have died as well.
                if (IsExpired(answer) && !isFresh)
                {
                    _route.Forget(answer.Asked.Address);
                    continue;
                }

                var open = Open(answer, asked, before, cancellationToken);
                keep = true;
                return open;
            }
            finally
            {
                if (!keep)
                    answer.Dispose();
            }
        }
    }

    private (WebAnswer Answer, bool IsFresh) Ask(ByteSpan asked, bool whole, IReadOnlyList<IContentOrigin> next, CancellationToken cancellationToken)
    {
        try
        {
            return _route.Send(
                request => Shaped(request, whole ? null : asked) with { Next = next.Count == 0 ? null : next.Select(origin => origin.Foreseen).OfType<WebQuestion>() },
                cancellationToken);
        }
        catch (ConnectionException broken) when (broken.IsHopeless)
        {
            throw Final(new SourceUnavailableException(broken.Message + ".", broken));
        }
        catch (ConnectionException broken)
        {
            throw new TransferException(TransferFault.Transient, broken.Message + ".", inner: broken) { Cause = broken.IsSilence ? RetryCause.Stalled : RetryCause.Broken };
        }
        catch (FetchException refused)
        {
            throw Final(refused);
        }
    }

    private WebQuestion Shaped(WebQuestion request, ByteSpan? range) =>
        request with { Range = range, IfMatch = Known(request.Address) is { IsStrong: true } known ? known.Text : null };

    private OpenContent Open(WebAnswer answer, ByteSpan asked, Seen before, CancellationToken cancellationToken)
    {
        if (answer.Status is not (HttpStatusCode.OK or HttpStatusCode.PartialContent))
            throw Failure(answer);

        try
        {
            var content = ContentAnswer.Of(answer, asked, size, Known(answer.Asked.Address));
            // Not where the file was started again since the question: this may be an answer of the file that was there before.
            if (Validator.Of(answer) is { } current)
                Interlocked.CompareExchange(ref _seen, new Seen(answer.Asked.Address, current), before);
            return new OpenContent(new GuardedBody(answer, content, web.Settings, cancellationToken), content.From);
        }
        catch (TransferException changed) when (changed.Fault == TransferFault.Changed)
        {
            // Whoever starts the file once again does so with what is there now.
            Volatile.Write(ref _seen, new Seen(null, null));
            throw;
        }
    }

    private TransferException Failure(WebAnswer answer)
    {
        var said = $"{answer.Who} answered HTTP {(int)answer.Status}";
        if (RetryHeaders.IsTransient(answer.Status))
        {
            return new TransferException(TransferFault.Transient, said + ".", RetryHeaders.Read(answer, web.Settings.Time.GetUtcNow()))
            {
                Cause = answer.Status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable ? RetryCause.Throttled : RetryCause.ServerError,
            };
        }

        switch (answer.Status)
        {
            case HttpStatusCode.PreconditionFailed:
            case HttpStatusCode.RequestedRangeNotSatisfiable when answer.Response.Content.Headers.ContentRange?.Length is { } total && total != size:
                Volatile.Write(ref _seen, new Seen(null, null));
                return new TransferException(TransferFault.Changed, $"{answer.Who} has another version of the file than before.");
            case HttpStatusCode.RequestedRangeNotSatisfiable:
                return new TransferException(TransferFault.NothingThere, $"{said}: there is nothing behind what was asked for.");
            default:
                return Final(refusal(answer));
        }
    }

    /// <summary>Signed addresses die young: whatever a place that a redirect led to refuses with, a new signature may be all that it takes.</summary>
    private bool IsExpired(WebAnswer answer) =>
        answer.Asked.Address != source.Address
        && answer.Status is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized or HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.Gone;

    /// <summary>An ETag means something only to the host that gave it.</summary>
    private Validator? Known(Uri address) =>
        validator ?? (Volatile.Read(ref _seen) is { Address: { } place } seen && WebAddress.SameOrigin(place, address) ? seen.Validator : null);

    private static TransferException Final(FetchException end) => new(TransferFault.Final, end.Message, final: end, inner: end);

    /// <summary>What the last answer was of. Each start of the file has one of its own, nothing seen yet included, so that an answer to an earlier start's question is told by it.</summary>
    private sealed record Seen(Uri? Address, Validator? Validator);
}
