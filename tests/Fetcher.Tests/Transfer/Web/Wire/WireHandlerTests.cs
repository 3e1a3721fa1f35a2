using System.Text;
using Stevedore.Contract;
using Stevedore.Fetcher.Tests.Sources;
using Stevedore.Fetcher.Transfer;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Tests.Transfer.Web.Wire;

public sealed class WireHandlerTests : IDisposable
{
    private const string Content = "0123456789abcdef";
    private readonly WebConnections _web = new(new WebSettings());

    public void Dispose() => _web.Dispose();

    [Fact]
    public async Task A_body_read_to_its_end_leaves_its_connection_to_the_next_question()
    {
        var connections = 0;
        await using var server = new RawServer(async request =>
        {
            connections++;
            await AnswerAsync(request, "0123");
            await NextAsync(request);
            await AnswerAsync(request, "4567");
        });
        var origin = Origin(server);

        (await ReadAsync(origin, 0, 4)).Should().Be("0123");
        (await ReadAsync(origin, 4, 8)).Should().Be("4567");

        connections.Should().Be(1);
    }

    [Fact]
    public async Task A_server_that_closes_a_waiting_connection_is_asked_over_a_new_one()
    {
        var connections = 0;
        await using var server = new RawServer(async request =>
        {
            if (++connections == 1)
            {
                await AnswerAsync(request, "0123");
                await NextAsync(request);
                return;
            }

            await AnswerAsync(request, "4567");
        });
        var origin = Origin(server);

        (await ReadAsync(origin, 0, 4)).Should().Be("0123");
        (await ReadAsync(origin, 4, 8)).Should().Be("4567");

        connections.Should().Be(2);
    }

    [Fact]
    public async Task Bytes_that_nobody_asked_for_are_not_taken_for_an_answer()
    {
        var connections = 0;
        await using var server = new RawServer(async request =>
        {
            if (++connections == 1)
            {
                await AnswerAsync(request, "0123", "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 4-7/16\r\nContent-Length: 4\r\n\r\nEVIL");
                await NextAsync(request);
                return;
            }

            await AnswerAsync(request, "4567");
        });
        var origin = Origin(server);

        (await ReadAsync(origin, 0, 4)).Should().Be("0123");
        (await ReadAsync(origin, 4, 8)).Should().Be("4567");
    }

    [Fact]
    public async Task A_chunked_answer_is_read_all_the_same()
    {
        await using var server = RawServer.Saying("HTTP/1.1 206 Partial Content", "Content-Range: bytes 4-7/16", "Transfer-Encoding: chunked", "", "2\r\n45\r\n2\r\n67\r\n0\r\n\r\n");
        var origin = Origin(server);

        (await ReadAsync(origin, 4, 8)).Should().Be("4567");
        (await ReadAsync(origin, 4, 8)).Should().Be("4567");

        server.Requests.Should().HaveCount(3, "which hosts answer so is remembered");
    }

    [Fact]
    public async Task Answers_that_only_announce_the_real_one_are_passed_over()
    {
        await using var server = RawServer.Saying(
            "HTTP/1.1 103 Early Hints", "Link: </x>", "", "HTTP/1.1 206 Partial Content", "Content-Range: bytes 4-7/16", "Content-Length: 4", "", "4567");

        (await ReadAsync(Origin(server), 4, 8)).Should().Be("4567");
    }

    [Fact]
    public async Task A_head_without_end_is_not_read_without_end()
    {
        await using var server = new RawServer(async request =>
        {
            await request.Stream.WriteAsync("HTTP/1.1 200 OK\r\n"u8.ToArray(), request.Stop);
            var line = Encoding.ASCII.GetBytes("X: " + new string('y', 1020) + "\r\n");
            for (var i = 0; i < 4096; i++)
                await request.Stream.WriteAsync(line, request.Stop);
        });

        var failure = (await Origin(server).Awaiting(it => it.ReadAsync(4, 8)).Should().ThrowAsync<TransferException>()).Which;

        failure.Fault.Should().Be(TransferFault.Transient);
    }

    private static async Task AnswerAsync(RawRequest request, string bytes, string behind = "")
    {
        var from = Content.IndexOf(bytes, StringComparison.Ordinal);
        var head = $"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {from}-{from + bytes.Length - 1}/16\r\nContent-Length: {bytes.Length}\r\n\r\n";
        await request.Stream.WriteAsync(Encoding.ASCII.GetBytes(head + bytes + behind), request.Stop);
    }

    /// <summary>Waits for the next question on the same connection; returns also where it is closed instead.</summary>
    private static async Task NextAsync(RawRequest request)
    {
        var head = new byte[4096];
        _ = await request.Stream.ReadAsync(head, request.Stop);
    }

    private static async Task<string> ReadAsync(WebOrigin origin, long from, long to) => Encoding.ASCII.GetString(await origin.ReadAsync(from, to));

    private WebOrigin Origin(RawServer server) => new(
        _web, new WebQuestion(server.Address()), Content.Length, validator: null, answer => new FetchException(ExitCode.NoPermission, $"{answer.Who} refuses."));
}
