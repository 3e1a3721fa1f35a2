using System.Diagnostics;
using System.IO.Compression;
using Stevedore.HubFixture.Content;

namespace Stevedore.HubFixture.Wire;

/// <summary>Writes a content's bytes to the connection, as fast as it takes them unless a distortion says otherwise.</summary>
internal sealed class ContentSender(HttpContext http, Exchange exchange, Distortion distortion)
{
    /// <summary>
    /// How much is read and handed to the socket at a time, in bytes. <see cref="Exchange.BytesSent"/> promises that it is no more.
    /// </summary>
    private const int PieceSize = 256 * 1024;

    private readonly CancellationToken _gone = http.RequestAborted;

    public async Task SendAsync(IContent content, ReplyPlan plan)
    {
        using var reader = content.Open();
        await http.Response.StartAsync(_gone);
        await http.Response.BodyWriter.FlushAsync(_gone);
        if (plan.Gzip)
            await SendCompressedAsync(reader, plan.Count);
        else if (await SendPiecesAsync(reader, plan.Start, plan.Count))
            await ConnectionEnd.CutAsync(http, distortion.CutIsReset);
    }

    /// <summary>True when the distortion wants the connection cut where the bytes now end.</summary>
    private async Task<bool> SendPiecesAsync(IContentReader reader, long start, long count)
    {
        var clock = Stopwatch.StartNew();
        for (var sent = 0L; ;)
        {
            if (sent == distortion.StallAfter)
                await distortion.Stall!(_gone);
            if (sent == distortion.CutAfter)
                return true;
            if (sent == count)
                return false;

            var piece = NextPiece(sent, count);
            var buffer = http.Response.BodyWriter.GetMemory(piece)[..piece];
            ReadDistorted(reader, start + sent, buffer.Span);
            http.Response.BodyWriter.Advance(piece);
            exchange.Count(piece);
            var flushed = await http.Response.BodyWriter.FlushAsync(_gone);
            if (flushed.IsCompleted || flushed.IsCanceled)
                return false;
            sent += piece;
            if (sent < count)
                await PaceAsync(sent, clock.Elapsed);
        }
    }

    private async Task PaceAsync(long sent, TimeSpan elapsed)
    {
        if (distortion.BytesPerSecond is { } rate && TimeSpan.FromSeconds((double)sent / rate) - elapsed is { Ticks: > 0 } ahead)
            await Task.Delay(ahead, _gone);
    }

    private int NextPiece(long sent, long count)
    {
        var piece = Math.Min(PieceSize, count - sent);
        if (distortion.BytesPerSecond is { } rate)
            piece = Math.Min(piece, Math.Max(1, rate / 20));
        if (distortion.StallAfter is { } stall && stall > sent)
            piece = Math.Min(piece, stall - sent);
        if (distortion.CutAfter is { } cut && cut > sent)
            piece = Math.Min(piece, cut - sent);
        return (int)piece;
    }

    private void ReadDistorted(IContentReader reader, long offset, Span<byte> piece)
    {
        reader.Read(offset, piece);
        if (distortion.Mask != 0)
        {
            foreach (ref var value in piece)
                value ^= distortion.Mask;
        }

        foreach (var flipped in distortion.Flipped)
        {
            if (flipped >= offset && flipped - offset < piece.Length)
                piece[(int)(flipped - offset)] ^= 1;
        }
    }

    private async Task SendCompressedAsync(IContentReader reader, long count)
    {
        using var compressed = new MemoryStream();
        await using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            var buffer = new byte[PieceSize];
            for (var done = 0L; done < count;)
            {
                var piece = buffer.AsMemory(0, (int)Math.Min(buffer.Length, count - done));
                ReadDistorted(reader, done, piece.Span);
                await gzip.WriteAsync(piece, _gone);
                done += piece.Length;
            }
        }

        exchange.Count(compressed.Length);
        await http.Response.Body.WriteAsync(compressed.GetBuffer().AsMemory(0, (int)compressed.Length), _gone);
    }
}
