using Stevedore.Contract;
using Stevedore.Fetcher.Transfer;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Tests.Transfer.Web.Table;

/// <summary>Rows "206" and "200 to a range request": what an answer says of itself is held against what was asked for, before a byte of it is kept.</summary>
public sealed class PartialAnswerTests : IAsyncDisposable
{
    private const int Mebi = 1 << 20;
    private const string Path = "/model.safetensors";
    private static readonly byte[] Content = EngineAtWork.Noise((40 * Mebi) + 123);

    /// <summary>Odd heads of an answer to a range; F and T are the range's first and last byte, L its length, S the file's size.</summary>
    private static readonly Dictionary<string, string[]> Odd = new()
    {
        ["another start"] = ["Content-Range: bytes 0-{T}/{S}", "Content-Length: {L}"],
        ["no Content-Range"] = ["Content-Length: {L}"],
        ["another unit"] = ["Content-Range: pages {F}-{T}/{S}", "Content-Length: {L}"],
        ["no range in it"] = ["Content-Range: bytes */{S}", "Content-Length: {L}"],
        ["an end before its start"] = ["Content-Range: bytes {T}-{F}/{S}", "Content-Length: {L}"],
        ["an unreadable one"] = ["Content-Range: bytes some-more/{S}", "Content-Length: {L}"],
        ["fewer bytes than its range"] = ["Content-Range: bytes {F}-{T}/{S}", "Content-Length: 10"],
        ["several parts"] = ["Content-Type: multipart/byteranges; boundary=x", "Content-Length: {L}"],
        ["several parts and a Content-Range beside them"] = ["Content-Type: multipart/byteranges; boundary=x", "Content-Range: bytes {F}-{T}/{S}", "Content-Length: {L}"],
    };

    private readonly FileServer _server = new();
    private readonly EngineAtWork _engine = new();

    public static TheoryData<string> OddHeads => [.. Odd.Keys];

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _engine.Dispose();
    }

    [Fact]
    public async Task Ranges_that_are_answered_well_come_once_each_over_the_fetchers_own_connections()
    {
        await FetchAsync();

        _server.AskedOf(Path).Sum(span => span.Length).Should().Be(Content.Length);
        HttpClientWitness.HasSeen(_server.Port).Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(OddHeads))]
    public async Task An_answer_with_an_odd_head_is_asked_for_again(string odd)
    {
        _server.OnRequest = request => request.Number == 2 ? OddlyAsync(request, odd) : request.ServeAsync();

        await FetchAsync();

        _engine.Meter.Retries.Should().BePositive();
    }

    [Theory]
    [MemberData(nameof(OddHeads))]
    public async Task A_server_that_never_answers_otherwise_is_given_up(string odd)
    {
        using var engine = new EngineAtWork { Connections = 1 };
        _server.OnRequest = request => request.Span.From > 0 ? OddlyAsync(request, odd) : request.ServeAsync();

        var failure = await engine.FailAsync(engine.Item(_server, Path, Content));

        failure.Code.Should().Be(ExitCode.Unavailable);
        failure.Message.Should().Contain("8 times in a row");
        _server.Requests.Should().HaveCount(1 + 8);
        engine.HasPublished(Path).Should().BeFalse();
    }

    [Theory]
    [InlineData("*")]
    [InlineData("{S}")]
    public async Task A_total_that_is_not_known_is_no_contradiction(string total)
    {
        _server.OnRequest = async request =>
        {
            await request.SendAsync(Head(request, "Content-Range: bytes {F}-{T}/" + total, "Content-Length: {L}"));
            await request.SendAsync(Content.AsMemory((int)request.Span.From, (int)request.Span.Length));
        };

        await FetchAsync();
    }

    [Fact]
    public async Task An_end_behind_the_one_asked_for_adds_nothing()
    {
        _server.OnRequest = async request =>
        {
            await request.SendAsync(Head(request, $"Content-Range: bytes {{F}}-{Content.Length - 1}/{{S}}", $"Content-Length: {Content.Length - request.Span.From}"));
            await request.SendAsync(Content.AsMemory((int)request.Span.From));
        };

        await FetchAsync();
    }

    [Fact]
    public async Task An_end_beyond_all_numbers_does_no_harm()
    {
        _server.OnRequest = async request =>
        {
            await request.SendAsync(Head(request, $"Content-Range: bytes {{F}}-{long.MaxValue}/*", "Content-Length: {L}"));
            await request.SendAsync(Content.AsMemory((int)request.Span.From, (int)request.Span.Length));
        };

        await FetchAsync();
    }

    [Fact]
    public async Task An_end_before_the_one_asked_for_is_followed_by_the_rest()
    {
        _server.OnRequest = request => request.ServeAsync(new ByteSpan(request.Span.From, Math.Min(request.Span.To, request.Span.From + (3 * Mebi))), (int)Math.Min(request.Span.Length, 3 * Mebi));

        await FetchAsync();

        _server.AskedOf(Path).Should().HaveCountGreaterThan(13, "each brings 3 of 40 MiB");
    }

    [Fact]
    public async Task Another_total_means_another_file_which_is_started_once_again()
    {
        _server.OnRequest = request => request.Number == 2 ? OfTotalAsync(request, Content.Length + 1) : request.ServeAsync();
        await FetchAsync();
        _engine.Meter.RetriesFor(Stevedore.Fetcher.Reporting.RetryCause.Changed).Should().BePositive();
    }

    [Fact]
    public async Task Another_total_always_is_wrong_content()
    {
        _server.OnRequest = request => OfTotalAsync(request, Content.Length + 1);

        (await _engine.FailAsync(Item())).Code.Should().Be(ExitCode.WrongContent);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_server_without_ranges_is_read_over_one_stream_from_its_start(int connections)
    {
        using var engine = new EngineAtWork { Connections = connections };
        var wholes = 0;
        _server.OnRequest = request => request.Range is null ? request.ServeAsync() : WholeAsync(request, () => Interlocked.Increment(ref wholes));

        await engine.RunAsync(engine.Item(_server, Path, Content));

        engine.Published(Path).Should().Equal(Content);
        wholes.Should().BePositive();
    }

    [Fact]
    public async Task A_server_without_ranges_is_not_resumed()
    {
        _server.OnRequest = request => request.Number > 2 ? request.SayAsync("503 Service Unavailable", "Retry-After: 0") : request.ServeAsync();
        (await _engine.FailAsync(Item())).Code.Should().Be(ExitCode.Unavailable);
        _engine.Kept.Should().NotBeEmpty();
        var before = _engine.Meter.BytesReceived;
        _server.OnRequest = request => WholeAsync(request, () => { });

        await FetchAsync();

        (_engine.Meter.BytesReceived - before).Should().BeGreaterThanOrEqualTo(Content.Length, "all of it came again");
    }

    [Fact]
    public async Task A_server_that_loses_its_ranges_half_way_is_read_from_its_start()
    {
        _server.OnRequest = request => request.Number > 2 ? WholeAsync(request, () => { }) : request.ServeAsync();

        await FetchAsync();
    }

    [Fact]
    public async Task A_server_without_ranges_that_always_breaks_at_the_same_place_is_given_up()
    {
        var large = 0;
        _server.OnRequest = async request =>
        {
            Interlocked.Increment(ref large);
            await request.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {Content.Length}\r\n\r\n");
            await request.SendAsync(Content.AsMemory(0, 30 * Mebi));
            request.Close();
        };

        var failure = await _engine.FailAsync(Item());

        failure.Code.Should().Be(ExitCode.Unavailable);
        large.Should().BeLessThan(8 + 8, "bytes that came before are no progress");
    }

    [Fact]
    public async Task A_whole_file_of_another_length_is_another_file()
    {
        _server.OnRequest = request => request.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {Content.Length - 1}\r\n\r\n");

        (await _engine.FailAsync(Item())).Code.Should().Be(ExitCode.WrongContent);
    }

    [Fact]
    public async Task A_whole_file_of_unknown_length_is_read_to_its_end_by_another_client()
    {
        _server.OnRequest = async request =>
        {
            await request.SendAsync($"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{Content.Length:x}\r\n");
            await request.SendAsync(Content);
            await request.SendAsync("\r\n0\r\n\r\n");
        };

        await FetchAsync();

        HttpClientWitness.HasSeen(_server.Port).Should().BeTrue("what is not framed by its length is left to .NET's own client");
    }

    private static async Task OddlyAsync(FileRequest request, string odd)
    {
        await request.SendAsync(Head(request, Odd[odd]));
        await request.SendAsync(new byte[odd.StartsWith("fewer", StringComparison.Ordinal) ? 10 : request.Span.Length]);
    }

    private static async Task OfTotalAsync(FileRequest request, int total)
    {
        await request.SendAsync(Head(request, $"Content-Range: bytes {{F}}-{{T}}/{total}", "Content-Length: {L}"));
        await request.SendAsync(Content.AsMemory((int)request.Span.From, (int)request.Span.Length));
    }

    private static async Task WholeAsync(FileRequest request, Action note)
    {
        note();
        await request.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {Content.Length}\r\n\r\n");
        await request.SendAsync(Content);
    }

    private static string Head(FileRequest request, params string[] headers) => string.Join("\r\n", ["HTTP/1.1 206 Partial Content", .. headers, "\r\n"])
        .Replace("{F}", $"{request.Span.From}", StringComparison.Ordinal)
        .Replace("{T}", $"{request.Span.To - 1}", StringComparison.Ordinal)
        .Replace("{L}", $"{request.Span.Length}", StringComparison.Ordinal)
        .Replace("{S}", $"{Content.Length}", StringComparison.Ordinal);

    private TransferItem Item() => _engine.Item(_server, Path, Content);

    private async Task FetchAsync()
    {
        await _engine.RunAsync(Item());
        _engine.Published(Path).Should().Equal(Content);
    }
}
