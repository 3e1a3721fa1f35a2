using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using System.Text;
using Stevedore.Bench.Peers;
using Stevedore.Programs;

namespace Stevedore.Bench.Measure.Tls;

/// <summary>What one turn took.</summary>
/// <param name="Wall">Seconds, connecting included.</param>
/// <param name="Processor">Seconds of this process in user and kernel; the server's are its own.</param>
/// <param name="Suite">What was encrypted with.</param>
internal readonly record struct TlsTook(double Wall, double Processor, string Suite);

/// <summary>Reads files from a server and throws the bytes away, as the fetcher reads them: a connection a thread, in pieces that fit a core's cache, hashed while they are hot.</summary>
/// <param name="way">How they are decrypted.</param>
/// <param name="site">The address that the files lie below, without a slash at its end.</param>
internal sealed class TlsReading(ITlsWay way, Uri site)
{
    private const int Piece = 128 << 10;
    private const int LongestHead = 16 << 10;

    // As the fetcher sets it (WireDial): how far the server may run ahead of the reader.
    private const int TcpWindowClamp = 10;
    private const int Window = 3 << 20;

    /// <summary>Reads all files, shared out among threads.</summary>
    /// <param name="files">Sizes and digests.</param>
    /// <param name="threads">How many read.</param>
    /// <param name="hashed">Whether the digests are taken and compared; else only the sizes are.</param>
    /// <exception cref="ProgramException">Something else came than what was served.</exception>
    public TlsTook Read(IReadOnlyList<WrittenFile> files, int threads, bool hashed)
    {
        var suites = new string[threads];
        var failures = new Exception?[threads];
        var readers = Enumerable.Range(0, threads).Select(reader => new Thread(() =>
        {
            try
            {
                suites[reader] = Read(files.Where((_, i) => i % threads == reader), hashed);
            }
            catch (Exception failure)
            {
                failures[reader] = failure;
            }
        })).ToList();
        var (start, before) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        readers.ForEach(reader => reader.Start());
        readers.ForEach(reader => reader.Join());
        var took = new TlsTook(Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - before).TotalSeconds, suites[0]);
        if (Array.Find(failures, failure => failure is not null) is { } first)
            ExceptionDispatchInfo.Throw(first);
        return took;
    }

    private string Read(IEnumerable<WrittenFile> files, bool hashed)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.SetRawSocketOption((int)SocketOptionLevel.Tcp, TcpWindowClamp, BitConverter.GetBytes(Window));
        socket.Connect(IPAddress.Parse(site.Host), site.Port);
        var (stream, suite) = way.Open(socket, site.Host);
        using var owned = stream;
        using var hash = hashed ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
        var piece = GC.AllocateUninitializedArray<byte>(Piece, pinned: true);
        foreach (var file in files)
        {
            Read(stream, file, piece, hash);
            if (hash is not null && Convert.ToHexStringLower(hash.GetHashAndReset()) != file.Digest)
                throw new ProgramException($"{way.Name} read something else than {file.Name}.");
        }

        return suite;
    }

    private void Read(Stream stream, WrittenFile file, byte[] piece, IncrementalHash? hash)
    {
        stream.Write(Encoding.ASCII.GetBytes($"GET {site.AbsolutePath}/{file.Name} HTTP/1.1\r\nHost: {site.Authority}\r\n\r\n"));
        var filled = ReadHead(stream, file, piece);
        for (var left = file.Size; left > 0;)
        {
            var wanted = (int)Math.Min(left, piece.Length);
            while (filled < wanted)
            {
                var read = stream.Read(piece.AsSpan(filled, wanted - filled));
                if (read == 0)
                    throw new ProgramException($"{way.Name}: the server closed the connection within {file.Name}.");
                filled += read;
            }

            hash?.AppendData(piece, 0, wanted);
            left -= wanted;
            filled = 0;
        }
    }

    /// <summary>Reads the answer's head and leaves what came behind it at the piece's start.</summary>
    /// <returns>How much that is.</returns>
    private int ReadHead(Stream stream, WrittenFile file, byte[] piece)
    {
        for (var filled = 0; filled < LongestHead;)
        {
            var read = stream.Read(piece.AsSpan(filled, LongestHead - filled));
            filled += read;
            var end = piece.AsSpan(0, filled).IndexOf("\r\n\r\n"u8);
            if (end < 0 && read > 0)
                continue;
            var head = Encoding.Latin1.GetString(piece, 0, Math.Max(0, end) + 2);
            var length = string.Create(CultureInfo.InvariantCulture, $"\r\nContent-Length: {file.Size}\r\n");
            if (!head.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal) || !head.Contains(length, StringComparison.OrdinalIgnoreCase))
                throw new ProgramException($"{site}/{file.Name} was not answered with its {file.Size} bytes: {head.Split('\r')[0]}");
            piece.AsSpan(end + 4, filled - end - 4).CopyTo(piece);
            return filled - end - 4;
        }

        throw new ProgramException($"{site}/{file.Name} was answered with a head of more than {LongestHead >> 10} KiB.");
    }
}
