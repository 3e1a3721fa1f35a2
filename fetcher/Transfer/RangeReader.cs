using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Transfer.Pace;

namespace Stevedore.Fetcher.Transfer;

/// <summary>Reads a claim's blocks from the source, one connection, one buffer; the calling thread blocks.</summary>
/// <param name="buffer">One block; pinned, since the kernel fills it.</param>
/// <param name="streams">Where the stream can be seen, and cut.</param>
/// <param name="meter">Counts what is received.</param>
internal sealed class RangeReader(byte[] buffer, LiveStreams streams, FetchMeter meter)
{
    /// <summary>
    /// What is read and hashed at a time: 128 KiB stay in a core's own cache until both are done and the piece is written.
    /// </summary>
    public const int PieceSize = 128 << 10;

    /// <summary>Space for whoever works on the same thread between two reads.</summary>
    public Span<byte> Scratch => buffer.AsSpan(0, PieceSize);

    /// <summary>Reads until the claim is done or the content starts over.</summary>
    /// <exception cref="TransferException">What happened on the wire.</exception>
    public void Read(BlobDownload blob, Claim claim, CancellationToken cancellationToken)
    {
        var size = blob.Item.Size;
        var from = (long)claim.NextBlock * BlockMap.BlockSize;
        var to = Math.Min((long)claim.EndBlock * BlockMap.BlockSize, size);
        using var content = blob.Item.Origin.Open(from, to, whole: from == 0 && to == size, cancellationToken);
        if (content.From != from)
        {
            blob.FallBackToSingleStream();
            return;
        }

        blob.Reserve(claim);
        var live = streams.Begin(content, isResumable: !blob.IsSingleStream);
        try
        {
            while (claim.Position < (to = blob.EndOf(claim)))
            {
                var length = (int)Math.Min(PieceSize, to - claim.Position);
                Fill(content.Body, length, blob.Item.Name, live, cancellationToken);
                if (!blob.Take(claim, buffer.AsSpan(0, length), Scratch))
                    return;
            }
        }
        catch (TransferException) when (live.IsCut)
        {
            // No failure of the source's: the rest is asked for again, over another connection.
            meter.Retry(RetryCause.Stalled);
        }
        finally
        {
            streams.End(live);
        }
    }

    /// <summary>Reads a content that fits into the buffer.</summary>
    /// <param name="item">The content.</param>
    /// <param name="next">What is likely to be read next.</param>
    /// <param name="cancellationToken">Stops the read.</param>
    /// <returns>Its bytes, valid until the next read.</returns>
    /// <exception cref="TransferException">What happened on the wire.</exception>
    public ReadOnlySpan<byte> ReadWhole(TransferItem item, IReadOnlyList<IContentOrigin> next, CancellationToken cancellationToken)
    {
        if (item.Size == 0)
            return default;
        using var content = item.Origin.OpenWhole(item.Size, next, cancellationToken);
        Fill(content.Body, (int)item.Size, item.Name, null, cancellationToken);
        return buffer.AsSpan(0, (int)item.Size);
    }

    private void Fill(Stream body, int length, string name, LiveStream? live, CancellationToken cancellationToken)
    {
        for (var filled = 0; filled < length;)
        {
            int read;
            try
            {
                read = body.Read(buffer, filled, length - filled);
            }
            catch (Exception error) when (error is IOException or ObjectDisposedException or HttpRequestException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw new TransferException(TransferFault.Transient, $"The connection broke in the middle of {name}", inner: error);
            }

            // What a read got while its stream was closed may have a hole in it.
            if (live is { IsCut: true })
                throw new TransferException(TransferFault.Transient, $"The stream of {name} was far slower than the others");
            if (read == 0)
                throw new TransferException(TransferFault.Transient, $"The source ended {name} before its end");
            filled += read;
            meter.Received(read);
            live?.Arrived(read);
        }
    }
}
