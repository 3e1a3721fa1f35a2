using System.Globalization;
using System.Text;

namespace Stevedore.Fetcher.Transfer.Web.Wire;

/// <summary>The head of an answer whose body is framed by <c>Content-Length</c> alone: the only kind that is read here.</summary>
/// <param name="Status">Three digits.</param>
/// <param name="Headers">In the order in which they came.</param>
/// <param name="Length">Bytes of the body.</param>
/// <param name="KeepsConnection">Whether another question may follow on the same connection.</param>
internal sealed record ResponseHead(int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, long Length, bool KeepsConnection)
{
    /// <summary>Heads that are longer are not read here.</summary>
    public const int Longest = 32 << 10;

    private static readonly char[] ListSeparators = [',', ' ', '\t'];

    /// <summary>
    /// Reads a head strictly as RFC 9112 writes it. Whatever is allowed but rare (other framings, continued lines, bare line feeds), and whatever is not
    /// allowed, gives null: <see cref="System.Net.Http.SocketsHttpHandler"/> asks again then and judges it.
    /// </summary>
    /// <param name="head">From the status line up to the empty line, both included.</param>
    public static ResponseHead? Parse(ReadOnlySpan<byte> head)
    {
        var lines = new LineReader(head);
        if (!lines.TryNext(out var line) || StatusOf(line) is not { } status)
            return null;

        var headers = new List<KeyValuePair<string, string>>(16);
        while (lines.TryNext(out line) && line.Length > 0)
        {
            if (HeaderOf(line) is not { } header)
                return null;
            headers.Add(header);
        }

        return !lines.IsAtEnd || LengthOf(status, headers) is not { } length ? null : new ResponseHead(status, headers, length, Keeps(line: head, headers));
    }

    /// <summary>Whether a status stands before the real answer.</summary>
    public bool IsInformational => Status is >= 100 and < 200;

    private static int? StatusOf(ReadOnlySpan<byte> line)
    {
        // HTTP/1.1 200 OK; the reason may be empty, and the blank before it is there nevertheless.
        if (line.Length < 12 || !line.StartsWith("HTTP/1."u8) || line[7] is not ((byte)'0' or (byte)'1') || line[8] != ' ' || (line.Length > 12 && line[12] != ' '))
            return null;
        return line[9] is >= (byte)'1' and <= (byte)'5' && IsDigit(line[10]) && IsDigit(line[11])
            ? ((line[9] - '0') * 100) + ((line[10] - '0') * 10) + (line[11] - '0')
            : null;
    }

    private static KeyValuePair<string, string>? HeaderOf(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        if (colon <= 0)
            return null;
        foreach (var letter in line[..colon])
        {
            if (!IsTokenLetter(letter))
                return null;
        }

        var value = line[(colon + 1)..].Trim(" \t"u8);
        foreach (var letter in value)
        {
            if ((letter < ' ' && letter != '\t') || letter == 127)
                return null;
        }

        return new(Encoding.ASCII.GetString(line[..colon]), Encoding.Latin1.GetString(value));
    }

    private static long? LengthOf(int status, List<KeyValuePair<string, string>> headers)
    {
        string? length = null;
        foreach (var (name, value) in headers)
        {
            if (name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase))
                return null;
            if (!name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
                continue;
            // Two lengths are how answers are smuggled.
            if (length is not null)
                return null;
            length = value;
        }

        if (status is < 200 or 204 or 304)
            return 0;
        return long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes : null;
    }

    private static bool Keeps(ReadOnlySpan<byte> line, List<KeyValuePair<string, string>> headers) =>
        line.StartsWith("HTTP/1.1"u8)
        && !headers.Exists(header => header.Key.Equals("Connection", StringComparison.OrdinalIgnoreCase)
            && header.Value.Split(ListSeparators).Contains("close", StringComparer.OrdinalIgnoreCase));

    private static bool IsDigit(byte letter) => letter is >= (byte)'0' and <= (byte)'9';

    private static bool IsTokenLetter(byte letter) =>
        char.IsAsciiLetterOrDigit((char)letter) || "!#$%&'*+-.^_`|~"u8.Contains(letter);

    private ref struct LineReader(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> _rest = rest;

        public readonly bool IsAtEnd => _rest.IsEmpty;

        public bool TryNext(out ReadOnlySpan<byte> line)
        {
            var end = _rest.IndexOf("\r\n"u8);
            if (end < 0)
            {
                line = default;
                return false;
            }

            line = _rest[..end];
            _rest = _rest[(end + 2)..];
            return true;
        }
    }
}
