using System.Text;
using Stevedore.Fetcher.Transfer.Web.Wire;

namespace Stevedore.Fetcher.Tests.Transfer.Web.Wire;

public sealed class ResponseHeadTests
{
    [Fact]
    public void A_plain_head_is_read()
    {
        var head = Parse("HTTP/1.1 206 Partial Content", "Content-Length: 5", "ETag:\t\"a b\" ", "X-Empty:")!;

        head.Status.Should().Be(206);
        head.Length.Should().Be(5);
        head.KeepsConnection.Should().BeTrue();
        head.Headers.Should().Contain(new KeyValuePair<string, string>("ETag", "\"a b\"")).And.Contain(new KeyValuePair<string, string>("X-Empty", ""));
    }

    [Theory]
    [InlineData("HTTP/1.1 204 No Content", "X: y", 0)]
    [InlineData("HTTP/1.1 304 Not Modified", "Content-Length: 7", 0)]
    [InlineData("HTTP/1.1 100 Continue", "X: y", 0)]
    [InlineData("HTTP/1.1 200 ", "Content-Length: 0", 0)]
    [InlineData("HTTP/1.1 200", "Content-Length: 9223372036854775807", long.MaxValue)]
    public void The_length_is_what_the_status_and_the_header_say(string status, string header, long length) =>
        Parse(status, header)!.Length.Should().Be(length);

    [Theory]
    [InlineData("HTTP/1.0 200 OK", "Content-Length: 1", false)]
    [InlineData("HTTP/1.1 200 OK", "Connection: keep-alive, Close", false)]
    [InlineData("HTTP/1.1 200 OK", "Connection: closed-not", true)]
    public void A_connection_is_kept_only_where_nothing_speaks_against_it(string status, string header, bool keeps) =>
        Parse(status, header, header.StartsWith("Content", StringComparison.Ordinal) ? "X: y" : "Content-Length: 1")!.KeepsConnection.Should().Be(keeps);

    [Theory]
    [InlineData("HTTP/1.1 200 OK", "X: no length")]
    [InlineData("HTTP/1.1 200 OK", "Transfer-Encoding: chunked")]
    [InlineData("HTTP/1.1 200 OK", "Content-Length: +5")]
    [InlineData("HTTP/1.1 200 OK", "Content-Length: 5, 5")]
    [InlineData("HTTP/1.1 200 OK", "Content-Length: -5")]
    [InlineData("HTTP/1.1 200 OK", "Content-Length: 99999999999999999999")]
    [InlineData("HTTP/1.1 200 OK", "Content-Length : 5")]
    [InlineData("HTTP/1.1 200 OK", " Content-Length: 5")]
    [InlineData("HTTP/1.1 200 OK", "Content-Length: 5\r\n folded: 1")]
    [InlineData("HTTP/1.1 200 OK", "Content-Length: 5\nX: y")]
    [InlineData("HTTP/1.1 200 OK", "Content-Length: 5\r\nContent-Length: 6")]
    [InlineData("HTTP/1.1 200 OK", "Content-Length: 5\r\nX: a\0b")]
    [InlineData("HTTP/1.1 200 OK", "Content-Length: 5\r\n: y")]
    [InlineData("HTTP/2 200 OK", "Content-Length: 5")]
    [InlineData("HTTP/1.1 2000 OK", "Content-Length: 5")]
    [InlineData("HTTP/1.1 099 OK", "Content-Length: 5")]
    [InlineData("ICY 200 OK..", "Content-Length: 5")]
    public void Whatever_is_not_simple_is_left_to_others(string status, string header) =>
        Parse(status, header).Should().BeNull();

    private static ResponseHead? Parse(params string[] lines) =>
        ResponseHead.Parse(Encoding.Latin1.GetBytes(string.Join("\r\n", lines) + "\r\n\r\n"));
}
