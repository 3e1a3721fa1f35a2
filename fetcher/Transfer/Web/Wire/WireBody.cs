namespace Stevedore.Fetcher.Transfer.Web.Wire;

/// <summary>
/// The body of an answer, read by one thread. Closing it from another thread makes a read that is blocked return; the connection is put aside for the next
/// question only where the body was read to its end.
/// </summary>
/// <param name="connection">Where it comes from; owned.</param>
/// <param name="head">Says how long it is.</param>
/// <param name="putAside">Takes a connection that may be used again.</param>
internal sealed class WireBody(WireConnection connection, ResponseHead head, Action<WireConnection> putAside) : ForwardStream
{
    private const int Idle = 0;
    private const int Reading = 1;
    private const int Closed = 2;

    private long _rest = head.Length;
    private int _state;

    /// <inheritdoc/>
    /// <exception cref="IOException">It broke, or ended before its length was reached.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (_rest == 0 || buffer.IsEmpty)
            return 0;
        ObjectDisposedException.ThrowIf(Interlocked.CompareExchange(ref _state, Reading, Idle) != Idle, this);
        var read = 0;
        try
        {
            read = connection.Read(buffer[..(int)Math.Min(buffer.Length, _rest)]);
        }
        finally
        {
            if (Interlocked.CompareExchange(ref _state, Idle, Reading) == Closed)
                connection.Dispose();
        }

        ObjectDisposedException.ThrowIf(_state == Closed, this);
        if (read == 0)
            throw new HttpIOException(HttpRequestError.ResponseEnded, "The connection was closed within the body.");
        _rest -= read;
        return read;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            switch (Interlocked.Exchange(ref _state, Closed))
            {
                case Reading:
                    connection.Abort();
                    break;
                case Idle when head.KeepsConnection && connection.TrySkip(_rest):
                    putAside(connection);
                    break;
                case Idle:
                    connection.Dispose();
                    break;
            }
        }

        base.Dispose(disposing);
    }
}
