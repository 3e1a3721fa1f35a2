using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Stevedore.LoadClient;

/// <summary>
/// A recorded review as the bytes of an HTTP/1.1 request, compact as a kube-apiserver sends it. Each sending gets a uid of its own, so that
/// an answer that belongs to another review is noticed.
/// </summary>
internal sealed class ReviewRequest
{
    private const string Placeholder = "00000000-0000-4000-8000-000000000000";

    private readonly byte[] _bytes;
    private readonly int _uidAt;

    private ReviewRequest(byte[] bytes, int uidAt)
    {
        _bytes = bytes;
        _uidAt = uidAt;
    }

    public static ReviewRequest FromFile(string file, Uri url)
    {
        var review = JsonNode.Parse(File.ReadAllText(file))!;
        review["request"]!["uid"] = Placeholder;
        var body = review.ToJsonString();
        var head = $"POST {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nUser-Agent: stevedore-load\r\n"
            + "Accept: application/json, */*\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n";
        var bytes = Encoding.UTF8.GetBytes(head + body);
        return new ReviewRequest(bytes, bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Placeholder)));
    }

    /// <summary>Writes the request into a buffer under the number's uid.</summary>
    /// <returns>Its length.</returns>
    public int Write(Span<byte> buffer, int number)
    {
        _bytes.CopyTo(buffer);
        Uid(number).CopyTo(buffer[_uidAt..]);
        return _bytes.Length;
    }

    /// <summary>How large a buffer must be.</summary>
    public int Length => _bytes.Length;

    /// <summary>The uid of a number, in ASCII.</summary>
    public static byte[] Uid(int number) => Encoding.ASCII.GetBytes($"{Placeholder[..24]}{number.ToString("D12", CultureInfo.InvariantCulture)}");
}
