using Stevedore.Contract;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Tests.Transfer.Web.Table;

/// <summary>Row "408, 429, 5xx, reset": what may pass is tried again, after a pause, as long as there is progress.</summary>
public sealed class RetryTests : IAsyncDisposable
{
    private const int Mebi = 1 << 20;
    private const string Large = "/model.safetensors";
    private const string Small = "/config.json";
    private static readonly byte[] Weights = EngineAtWork.Noise(40 * Mebi);
    private static readonly byte[] Config = EngineAtWork.Noise(5000);

    private readonly FileServer _server = new();
    private readonly EngineAtWork _engine = new() { Connections = 1 };

    public static TheoryData<string, string> Passing => [.. Statuses.SelectMany(status => new[] { (Large, status), (Small, status) })];

    private static string[] Statuses =>
    [
        "408 Request Timeout", "425 Too Early", "429 Too Many Requests", "500 Internal Server Error", "502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout", "599 Whatever",
    ];

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _engine.Dispose();
    }

    [Theory]
    [MemberData(nameof(Passing))]
    public async Task What_may_pass_is_tried_again(string path, string status)
    {
        _server.OnRequest = request => request.Number is 1 or 3 ? request.SayAsync(status) : request.ServeAsync();

        await FetchAsync(path);

        _engine.Meter.RetriesFor(status[..3] is "429" or "503" ? RetryCause.Throttled : RetryCause.ServerError).Should().BePositive();
        HttpClientWitness.HasSeen(_server.Port).Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(Passing))]
    public async Task What_does_not_pass_is_given_up_after_eight_tries(string path, string status)
    {
        _server.OnRequest = request => request.SayAsync(status);

        var failure = await _engine.FailAsync(Item(path));

        failure.Code.Should().Be(ExitCode.Unavailable);
        failure.Message.Should().Contain(status[..3]).And.Contain("8 times in a row");
        _server.Requests.Should().HaveCount(8);
    }

    [Theory]
    [InlineData("501 Not Implemented")]
    [InlineData("505 HTTP Version Not Supported")]
    public async Task What_will_not_pass_is_not_tried_again(string status)
    {
        _server.OnRequest = request => request.SayAsync(status);

        (await _engine.FailAsync(Item(Large))).Should().NotBeNull();

        _server.Requests.Should().HaveCount(1);
    }

    [Fact]
    public async Task Giving_up_keeps_what_arrived_and_the_next_run_asks_for_the_rest()
    {
        _server.OnRequest = request => request.Number < 3 ? request.ServeAsync() : request.SayAsync("503 Service Unavailable");
        await _engine.FailAsync(Item(Large));
        var first = _server.AskedOf(Large).Take(2).Sum(span => span.Length);
        var asked = _server.Requests.Count;
        _server.OnRequest = null;

        await FetchAsync(Large);

        _server.AskedOf(Large).Skip(asked).Sum(span => span.Length).Should().Be(Weights.Length - first);
    }

    [Theory]
    [InlineData("reset", false)]
    [InlineData("closed", false)]
    [InlineData("reset", true)]
    [InlineData("closed", true)]
    public async Task As_long_as_blocks_arrive_nothing_is_given_up_and_none_is_asked_for_twice(string end, bool troubledBetween)
    {
        var served = 0;
        _server.OnRequest = async request =>
        {
            if (troubledBetween && request.Number % 2 == 0)
            {
                await request.SayAsync("503 Service Unavailable");
                return;
            }

            var brought = (int)Math.Min(request.Span.Length, (2 * Mebi) + 777);
            served++;
            request.NarrowTheWay();
            await request.ServeAsync(request.Span, brought);
            if (brought == request.Span.Length)
                return;
            if (end == "closed")
                request.Close();
            else
                request.Reset();
        };

        await FetchAsync(Large);

        served.Should().BeGreaterThan(2 * Backoff.Tries);
        var starts = _server.Requests.Where(request => request.Number % 2 == 1 || !troubledBetween).Select(request => request.Span.From).ToList();
        starts.Should().BeInAscendingOrder("what came as a whole block stays");
        _engine.Meter.RetriesFor(RetryCause.Broken).Should().BeGreaterThan(2 * Backoff.Tries);
    }

    [Fact]
    public async Task A_connection_that_breaks_within_a_small_file_is_followed_by_another()
    {
        _server.OnRequest = async request =>
        {
            if (request.Number > 7)
            {
                await request.ServeAsync();
                return;
            }

            await request.ServeAsync(request.Span, 1000);
            request.Reset();
        };

        await FetchAsync(Small);

        _server.Requests.Should().HaveCount(8);
    }

    [Fact]
    public async Task A_server_that_is_gone_is_given_up()
    {
        var item = Item(Large);
        await _server.DisposeAsync();

        var failure = await _engine.FailAsync(item);

        failure.Code.Should().Be(ExitCode.Unavailable);
        failure.Message.Should().Contain("refused the connection").And.Contain("8 times in a row");
    }

    private TransferItem Item(string path) => _engine.Item(_server, path, path == Large ? Weights : Config);

    private async Task FetchAsync(string path)
    {
        await _engine.RunAsync(Item(path));
        _engine.Published(path).Should().Equal(path == Large ? Weights : Config);
    }
}
