namespace Stevedore.Fetcher.Transfer.Web;

/// <summary>Where a source's redirect leads, asked once for all streams of a file: resolving is what the Hub counts.</summary>
/// <param name="web">The connections.</param>
/// <param name="source">What is asked as long as no way is known.</param>
internal sealed class Route(WebConnections web, WebQuestion source)
{
    // Held across a request on purpose; that request ends when the run is cancelled, and with it the wait of the others.
    private readonly Lock _oneAsks = new();
    private WebQuestion? _known;

    /// <summary>Where the next request goes first.</summary>
    public WebQuestion Start => Volatile.Read(ref _known) ?? source;

    /// <summary>Asks for bytes where they lie; the first caller finds out where that is, while the others wait.</summary>
    /// <param name="shape">Adds the range and the condition to a request.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The answer, and whether the way to it was found with this very call.</returns>
    public (WebAnswer Answer, bool IsFresh) Send(Func<WebQuestion, WebQuestion> shape, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _known) is { } known)
            return (web.Send(shape(known), cancellationToken), false);

        lock (_oneAsks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            known = Volatile.Read(ref _known);
            if (known is null)
            {
                var answer = web.Send(shape(source), cancellationToken);
                if (answer.Response.IsSuccessStatusCode)
                    Volatile.Write(ref _known, source with { Address = answer.Asked.Address, Authorization = answer.Asked.Authorization, Signer = answer.Asked.Signer });
                return (answer, true);
            }
        }

        return (web.Send(shape(known), cancellationToken), false);
    }

    /// <summary>Gives a way up that no longer works, unless another stream has found a new one meanwhile.</summary>
    public void Forget(Uri address)
    {
        var known = Volatile.Read(ref _known);
        if (known?.Address == address)
            Interlocked.CompareExchange(ref _known, null, known);
    }
}
