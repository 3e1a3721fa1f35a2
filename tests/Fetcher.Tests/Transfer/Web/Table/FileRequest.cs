using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Tests.Transfer.Web.Table;

/// <summary>One request as a server has read it, and everything, good and bad, that it may do about it.</summary>
internal sealed class FileRequest(string head, Stream stream, Socket socket, RequestLine line, CancellationToken stop)
{
    /// <summary>From 1, over all connections.</summary>
    public int Number { get; init; }

    /// <summary>From 1.</summary>
    public int Connection { get; init; }

    /// <summary>From 1, over this connection.</summary>
    public int NumberOnConnection { get; init; }

    /// <summary>When it was read; <see cref="Environment.TickCount64"/>.</summary>
    public long At { get; } = Environment.TickCount64;

    /// <summary>What the path names; null where there is no such file.</summary>
    public byte[]? Content { get; set; }

    /// <summary>Whether the connection ends behind this request.</summary>
    public bool IsLast { get; private set; }

    public string Head => head;

    public string Method => head.Split(' ')[0];

    public string Path => head.Split(' ')[1];

    /// <summary>The bytes asked for; null where all of them were, without a range.</summary>
    public ByteSpan? Range => Header("Range") is { } range && RangeHeaderValue.Parse(range).Ranges.Single() is var one ? new ByteSpan(one.From!.Value, one.To!.Value + 1) : null;

    /// <summary>The bytes that a good answer brings.</summary>
    public ByteSpan Span => Range ?? new ByteSpan(0, Content!.Length);

    public CancellationToken Stop => stop;

    public string? Header(string name) => head.Split("\r\n").Skip(1)
        .Where(text => text.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
        .Select(text => text[(name.Length + 1)..].Trim())
        .FirstOrDefault();

    /// <summary>Serves it well, or 404.</summary>
    /// <param name="headers">Further headers.</param>
    public Task ServeAsync(params string[] headers) => Content is null ? SayAsync("404 Not Found") : ServeAsync(Span, (int)Span.Length, headers);

    /// <summary>Promises a stretch in full, and sends its first bytes only.</summary>
    public async Task ServeAsync(ByteSpan span, int sent, params string[] headers)
    {
        await SendAsync(HeadOf(span, headers));
        if (Method != "HEAD")
            await SendAsync(Content.AsMemory((int)span.From, sent));
    }

    /// <summary>The head of a good answer with these bytes.</summary>
    public string HeadOf(ByteSpan span, params string[] headers) => string.Join(
        "\r\n",
        [
            Range is null ? "HTTP/1.1 200 OK" : "HTTP/1.1 206 Partial Content",
            $"Content-Length: {span.Length}",
            .. Range is null ? [] : (string[])[$"Content-Range: bytes {span.From}-{span.To - 1}/{Content!.Length}"],
            .. headers,
            "\r\n",
        ]);

    /// <summary>An answer without a body.</summary>
    /// <param name="status">Such as <c>503 Service Unavailable</c>.</param>
    /// <param name="headers">Further headers.</param>
    public Task SayAsync(string status, params string[] headers) =>
        SendAsync(string.Join("\r\n", [$"HTTP/1.1 {status}", "Content-Length: 0", .. headers, "\r\n"]));

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await stream.WriteAsync(bytes, stop);
        await stream.FlushAsync(stop);
    }

    /// <summary>The connection is closed once the answer is sent; what was sent ahead gets none.</summary>
    public void Close() => IsLast = true;

    /// <summary>Keeps next to nothing on this side of the way: a reset throws away what has not reached the client.</summary>
    public void NarrowTheWay() => socket.SendBufferSize = 256 << 10;

    /// <summary>The connection is reset, whatever is still on its way.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        IsLast = true;
    }

    /// <summary>Says nothing more until the client gives up.</summary>
    public async Task HangAsync()
    {
        while (await line.NextAsync(stop) is not null)
        {
        }

        IsLast = true;
    }

    /// <summary>Whether the next request on this connection has arrived already, or a part of it.</summary>
    public bool HasBegunNext => line.HasBegun || socket.Available > 0;

    /// <summary>Waits for the next request on this connection before this one is answered; false where the client waits for the answer instead, and gives up.</summary>
    public Task<bool> HasNextAsync() => line.HasNextAsync(stop);

    /// <summary>Forgets what the client has sent ahead.</summary>
    public Task ForgetOthersAsync() => line.ForgetAsync(stop);
}
