using Stevedore.Contract;
using Stevedore.Fetcher.Reporting;

namespace Stevedore.Fetcher.Transfer;

/// <summary>Reads a content from its start to its end on the calling thread, and goes on behind whatever breaks on the way.</summary>
/// <param name="origin">Where the bytes come from.</param>
/// <param name="size">Bytes of the whole.</param>
/// <param name="name">What a person calls it.</param>
/// <param name="backoff">The pauses between tries.</param>
/// <param name="meter">Counts.</param>
internal sealed class SteadyReader(IContentOrigin origin, long size, string name, Backoff backoff, FetchMeter meter) : IDisposable
{
    private OpenContent? _open;
    private long _position;
    private int _failures;

    /// <summary>Fills the buffer with the next bytes.</summary>
    /// <exception cref="FetchException">Why they can't be had.</exception>
    public void Fill(Span<byte> buffer, CancellationToken cancellationToken)
    {
        while (buffer.Length > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var read = (_open ??= Open(cancellationToken)).Body.Read(buffer);
                if (read == 0)
                    throw new TransferException(TransferFault.Transient, $"{name} ended too early.");
                (_position, _failures) = (_position + read, 0);
                meter.Received(read);
                buffer = buffer[read..];
            }
            catch (TransferException error)
            {
                Close();
                Judge(error);
                backoff.Wait(backoff.Next(_failures, error.RetryAfter), cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    private OpenContent Open(CancellationToken cancellationToken)
    {
        var open = origin.Open(_position, size, whole: _position == 0, cancellationToken);
        try
        {
            SkipTo(_position, open);
            return open;
        }
        catch
        {
            open.Dispose();
            throw;
        }
    }

    /// <summary>A source without ranges begins at the beginning.</summary>
    private void SkipTo(long position, OpenContent open)
    {
        var skip = new byte[64 << 10];
        for (var at = open.From; at < position;)
        {
            var read = open.Body.Read(skip.AsSpan(0, (int)Math.Min(skip.Length, position - at)));
            if (read == 0)
                throw new TransferException(TransferFault.Transient, $"{name} ended too early.");
            at += read;
        }
    }

    private void Close()
    {
        _open?.Dispose();
        _open = null;
    }

    private void Judge(TransferException error)
    {
        if (error.Final is { } final)
            throw final;
        if (error.Fault is TransferFault.Changed or TransferFault.NothingThere)
            throw new FetchException(ExitCode.WrongContent, $"{name} changed at its source while it was read ({error.Message}); start again when its publisher is done.", error);
        meter.Retry(error.Cause);
        _failures++;
        if (Backoff.IsOver(_failures, error.RetryAfter))
            throw new SourceUnavailableException($"{name} could not be read: {error.Message.TrimEnd('.')}, {_failures} times in a row; start again when the source is well.", error);
    }
}
