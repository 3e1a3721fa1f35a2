using System.Text;
using Microsoft.Extensions.Time.Testing;
using Stevedore.Contract;
using Stevedore.Fetcher.Tests.Sources;
using Stevedore.Fetcher.Transfer;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Tests.Transfer.Web;

public sealed class WebOriginTests : IDisposable
{
    private const string Content = "0123456789abcdef";
    private readonly WebConnections _web = new(new WebSettings { StallTimeout = TimeSpan.FromMilliseconds(200), AnswerTimeout = TimeSpan.FromMilliseconds(800) });

    public void Dispose() => _web.Dispose();

    [Fact]
    public async Task A_range_is_asked_for_in_full_and_read_to_its_end()
    {
        await using var server = RawServer.Saying("HTTP/1.1 206 Partial Content", "Content-Range: bytes 4-7/16", "Content-Length: 4", "", "4567");

        var read = await Origin(server).ReadAsync(4, 8);

        Encoding.ASCII.GetString(read).Should().Be("4567");
        var request = server.Requests.Single();
        request.Should().Contain("Range: bytes=4-7").And.Contain("Accept-Encoding: identity").And.Contain("User-Agent: stevedore-fetcher/").And.NotContain("If-Match");
    }

    [Fact]
    public async Task A_whole_file_is_asked_for_without_a_range()
    {
        await using var server = RawServer.Saying("HTTP/1.1 200 OK", "Content-Length: 16", "", Content);

        (await Origin(server).ReadAsync(0, 16, whole: true)).Should().HaveCount(16);

        server.Requests.Single().Should().NotContain("Range:");
    }

    [Fact]
    public async Task A_server_that_knows_no_ranges_gives_the_file_from_its_start()
    {
        await using var server = RawServer.Saying("HTTP/1.1 200 OK", "Content-Length: 16", "", Content);

        using var open = Origin(server).Open(4, 8, whole: false, TestContext.Current.CancellationToken);
        using var bytes = new MemoryStream();
        open.Body.CopyTo(bytes);

        open.From.Should().Be(0);
        bytes.Length.Should().Be(16);
    }

    [Fact]
    public async Task Bytes_behind_the_range_are_not_read()
    {
        await using var server = RawServer.Saying("HTTP/1.1 206 Partial Content", "Content-Range: bytes 4-15/16", "Content-Length: 12", "", Content[4..]);

        Encoding.ASCII.GetString(await Origin(server).ReadAsync(4, 8)).Should().Be("4567");
    }

    [Fact]
    public async Task A_range_that_is_answered_in_part_goes_on_at_once_with_the_rest()
    {
        await using var server = RawServer.Saying("HTTP/1.1 206 Partial Content", "Content-Range: bytes 4-5/16", "Content-Length: 2", "", "45");

        using var open = Origin(server).Open(4, 8, whole: false, TestContext.Current.CancellationToken);
        var buffer = new byte[16];

        open.Body.Read(buffer).Should().Be(2);
        var failure = open.Invoking(it => it.Body.Read(buffer)).Should().Throw<TransferException>().Which;
        failure.Fault.Should().Be(TransferFault.Transient);
        failure.RetryAfter.Should().Be(TimeSpan.Zero);
    }

    [Theory]
    [InlineData("HTTP/1.1 206 Partial Content", "Content-Range: bytes 4-7/17", nameof(TransferFault.Changed))]
    [InlineData("HTTP/1.1 206 Partial Content", "Content-Range: bytes 0-3/16", nameof(TransferFault.Transient))]
    [InlineData("HTTP/1.1 206 Partial Content", "X-Nothing: here", nameof(TransferFault.Transient))]
    [InlineData("HTTP/1.1 200 OK", "Content-Length: 17", nameof(TransferFault.Changed))]
    [InlineData("HTTP/1.1 412 Precondition Failed", "Content-Length: 0", nameof(TransferFault.Changed))]
    [InlineData("HTTP/1.1 416 Range Not Satisfiable", "Content-Range: bytes */16", nameof(TransferFault.NothingThere))]
    [InlineData("HTTP/1.1 416 Range Not Satisfiable", "Content-Range: bytes */3", nameof(TransferFault.Changed))]
    [InlineData("HTTP/1.1 408 Request Timeout", "Content-Length: 0", nameof(TransferFault.Transient))]
    [InlineData("HTTP/1.1 429 Too Many Requests", "Content-Length: 0", nameof(TransferFault.Transient))]
    [InlineData("HTTP/1.1 500 Internal Server Error", "Content-Length: 0", nameof(TransferFault.Transient))]
    [InlineData("HTTP/1.1 503 Service Unavailable", "Content-Length: 0", nameof(TransferFault.Transient))]
    [InlineData("HTTP/1.1 401 Unauthorized", "Content-Length: 0", nameof(TransferFault.Final))]
    [InlineData("HTTP/1.1 403 Forbidden", "Content-Length: 0", nameof(TransferFault.Final))]
    [InlineData("HTTP/1.1 404 Not Found", "Content-Length: 0", nameof(TransferFault.Final))]
    [InlineData("HTTP/1.1 200 OK", "Content-Encoding: gzip", nameof(TransferFault.Final))]
    [InlineData("This is not HTTP", "at all", nameof(TransferFault.Transient))]
    public async Task What_happened_is_named_by_what_to_do_about_it(string status, string header, string fault)
    {
        await using var server = RawServer.Saying(status, header, "", "");

        var failure = Failure(Origin(server), 4, 8);

        failure.Fault.ToString().Should().Be(fault);
        (failure.Final is not null).Should().Be(fault == nameof(TransferFault.Final));
        failure.Message.Should().Contain("127.0.0.1").And.EndWith(".");
    }

    [Theory]
    [InlineData("Retry-After: 7", 7)]
    [InlineData("RateLimit: \"resolvers\";r=0;t=55", 55)]
    public async Task A_source_that_says_when_to_come_back_is_heard(string header, int seconds)
    {
        await using var server = RawServer.Saying("HTTP/1.1 429 Too Many Requests", header, "Content-Length: 0", "", "");

        Failure(Origin(server), 0, 4).RetryAfter.Should().Be(TimeSpan.FromSeconds(seconds));
    }

    [Theory]
    [InlineData("Content-Length: 4")]
    [InlineData("Transfer-Encoding: chunked")]
    [InlineData("X-Length: unknown")]
    public async Task A_body_that_ends_too_early_is_not_an_end(string framing)
    {
        await using var server = RawServer.Saying(
            "HTTP/1.1 206 Partial Content", "Content-Range: bytes 4-7/16", framing, "", framing.Contains("chunked", StringComparison.Ordinal) ? "2\r\n45\r\n" : "45");

        using var open = Origin(server).Open(4, 8, whole: false, TestContext.Current.CancellationToken);
        using var bytes = new MemoryStream();
        var failure = open.Invoking(it => it.Body.CopyTo(bytes)).Should().Throw<TransferException>().Which;

        failure.Fault.Should().Be(TransferFault.Transient);
        bytes.ToArray().Should().Equal("45"u8.ToArray(), "what came is of use");
    }

    [Fact]
    public async Task A_reset_in_the_middle_is_worth_another_try()
    {
        await using var server = new RawServer(async request =>
        {
            await request.SayAsync("HTTP/1.1 206 Partial Content", "Content-Range: bytes 4-7/16", "Content-Length: 4", "", "45");
            request.Socket.LingerState = new System.Net.Sockets.LingerOption(true, 0);
            request.Socket.Close();
        });

        Failure(Origin(server), 4, 8).Fault.Should().Be(TransferFault.Transient);
    }

    [Fact]
    public async Task Nobody_at_the_port_is_worth_another_try()
    {
        var server = RawServer.Saying("");
        await server.DisposeAsync();

        var failure = Failure(Origin(server.Port), 4, 8);

        failure.Fault.Should().Be(TransferFault.Transient);
        failure.Message.Should().Contain("refused the connection");
    }

    [Fact]
    public async Task A_reader_that_is_slow_itself_is_no_stall()
    {
        var clock = new FakeTimeProvider();
        using var web = new WebConnections(new WebSettings { Time = clock });
        await using var server = new RawServer(async request =>
        {
            await request.SayAsync("HTTP/1.1 206 Partial Content", "Content-Range: bytes 4-7/16", "Content-Length: 4", "", "4567");
            await request.HangAsync();
        });
        using var open = Origin(server.Port, web).Open(4, 8, whole: false, TestContext.Current.CancellationToken);
        var one = new byte[1];

        for (var i = 0; i < 4; i++)
        {
            open.Body.Read(one).Should().Be(1);
            clock.Advance(TimeSpan.FromMinutes(1));
        }

        open.Body.Read(one).Should().Be(0);
    }

    [Fact]
    public async Task Nothing_is_asked_for_an_empty_stretch()
    {
        await using var server = RawServer.Saying("HTTP/1.1 500 Internal Server Error", "", "");

        (await Origin(server).ReadAsync(0, 0, whole: true)).Should().BeEmpty();

        server.Requests.Should().BeEmpty();
    }

    private static TransferException Failure(WebOrigin origin, long from, long to) =>
        origin.Invoking(it => it.Read(from, to, cancellationToken: TestContext.Current.CancellationToken)).Should().Throw<TransferException>().Which;

    private static FetchException Refusal(WebAnswer answer) => new(ExitCode.NoPermission, $"{answer.Who} refuses.");

    private WebOrigin Origin(RawServer server) => Origin(server.Port);

    private WebOrigin Origin(int port, WebConnections? web = null) =>
        new(web ?? _web, new WebQuestion(new Uri($"http://127.0.0.1:{port}/file")), Content.Length, validator: null, Refusal);
}
