using System.Net.Sockets;

namespace Stevedore.Fetcher.Transfer.Web.Wire;

/// <summary>
/// One connection to a server, used by one blocking thread at a time: no thread pool and no event loop between the socket and the caller's buffer, which
/// halves the CPU time of a transfer (tests/Bench/PROFILE.md).
/// </summary>
/// <param name="socket">Connected, and blocking.</param>
/// <param name="stream">What is read and written: the socket itself, or TLS over it.</param>
internal sealed class WireConnection(Socket socket, Stream stream) : IDisposable
{
    private const int StartOfBody = 16 << 10;

    /// <summary>Linux's TCP_QUICKACK, which has no name in .NET.</summary>
    private const int TcpQuickAck = 12;

    private readonly Queue<string> _ahead = [];
    private byte[] _buffer = new byte[StartOfBody];
    private int _start;
    private int _end;
    private int _ended;

    /// <summary>Whether an answer came over it before.</summary>
    public bool IsUsed { get; private set; }

    /// <summary>When it was last put aside; a timestamp.</summary>
    public long IdleSince { get; set; }

    /// <summary>Whether nothing speaks against another question: it is not closed, and nothing lies in it that nobody asked for.</summary>
    public bool IsQuiet
    {
        get
        {
            try
            {
                return _start == _end && !socket.Poll(0, SelectMode.SelectRead);
            }
            catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
            {
                return false;
            }
        }
    }

    /// <summary>The question that was asked ahead and whose answer comes next; null where none is owed.</summary>
    public string? Next => _ahead.TryPeek(out var next) ? next : null;

    /// <summary>How many answers are owed to questions that were asked ahead.</summary>
    public int Ahead => _ahead.Count;

    /// <summary>Takes the question whose answer is read now off those that were asked ahead.</summary>
    public void Turn() => _ahead.Dequeue();

    /// <summary>Sends questions with one write; all but the first, or all, are asked ahead of their time.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    public void Send(WireQuestion? now, IReadOnlyList<WireQuestion> ahead)
    {
        var bytes = now?.Bytes ?? [];
        if (ahead.Count > 0)
        {
            var all = new byte[bytes.Length + ahead.Sum(question => question.Bytes.Length)];
            bytes.CopyTo(all, 0);
            var end = bytes.Length;
            foreach (var question in ahead)
            {
                question.Bytes.CopyTo(all, end);
                end += question.Bytes.Length;
            }

            bytes = all;
        }

        foreach (var question in ahead)
            _ahead.Enqueue(question.Key);
        stream.Write(bytes);
        stream.Flush();
        if (_ahead.Count > 0)
            AcknowledgeAtOnce();
    }

    /// <summary>Reads the head of the answer, behind those that only announce one.</summary>
    /// <returns>Null where it is not of the simple kind; the connection is of no use then.</returns>
    /// <exception cref="IOException">The connection is broken, or was closed before the head was complete.</exception>
    public ResponseHead? ReadHead()
    {
        while (true)
        {
            if (ReadHeadBytes() is not { } length)
                return null;
            var head = ResponseHead.Parse(_buffer.AsSpan(_start, length));
            _start += length;
            if (head is not { IsInformational: true })
            {
                IsUsed = head is not null;
                return head;
            }

            // 101 would make it another protocol, which was not asked for.
            if (head.Status == 101)
                return null;
        }
    }

    /// <summary>Reads of a body: first what came with the head.</summary>
    /// <returns>0 where the other side closed the connection.</returns>
    public int Read(Span<byte> buffer)
    {
        if (_start == _end)
            return stream.Read(buffer);
        var length = Math.Min(buffer.Length, _end - _start);
        _buffer.AsSpan(_start, length).CopyTo(buffer);
        _start += length;
        return length;
    }

    /// <summary>Skips the rest of a body that is here already; false, with nothing lost but the connection, where that would mean waiting for it.</summary>
    public bool TrySkip(long bytes)
    {
        if (bytes > _end - _start)
            return false;
        _start += (int)bytes;
        return true;
    }

    /// <summary>Makes a read that another thread is blocked in return; the connection is of no use afterwards, and still its user's to dispose.</summary>
    public void Abort()
    {
        try
        {
            if (Interlocked.CompareExchange(ref _ended, 1, 0) == 0)
                socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            // It broke or was closed by itself in the same moment.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Interlocked.Exchange(ref _ended, 1);
        // No farewell of TLS: the other side may not be reading any more, and sending it would block.
        socket.Dispose();
        stream.Dispose();
    }

    /// <summary>
    /// Whoever writes to a socket soon after reading from it counts as holding a conversation, and its kernel keeps acknowledgements back for 40 ms to send them along. A server whose
    /// answers follow each other waits for them with the last, short packet (RFC 896): each write has to take that back.
    /// </summary>
    private void AcknowledgeAtOnce()
    {
        if (OperatingSystem.IsLinux())
            socket.SetRawSocketOption((int)SocketOptionLevel.Tcp, TcpQuickAck, [1, 0, 0, 0]);
    }

    private int? ReadHeadBytes()
    {
        for (var searched = 0; ;)
        {
            var end = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
                return searched + end + 4;
            searched = Math.Max(0, _end - _start - 3);
            if (_end - _start >= ResponseHead.Longest)
                return null;
            MakeRoom();
            var read = stream.Read(_buffer.AsSpan(_end));
            if (read == 0)
                throw new IOException("The server closed the connection before its answer's head was complete.");
            _end += read;
        }
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
    }
}
