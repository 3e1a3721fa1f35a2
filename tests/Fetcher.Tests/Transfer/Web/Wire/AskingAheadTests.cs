using System.Collections.Concurrent;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Tests.Transfer.Web.Table;
using Stevedore.Fetcher.Transfer;
using Stevedore.Fetcher.Transfer.Web;
using Stevedore.Fetcher.Transfer.Web.Wire;

namespace Stevedore.Fetcher.Tests.Transfer.Web.Wire;

/// <summary>Small files of a batch are asked for before their turn, where the server bears it.</summary>
public sealed class AskingAheadTests : IAsyncDisposable
{
    private const int Files = 24;
    private const int OnOneConnection = 1;
    private readonly FileServer _server = new();
    private readonly EngineAtWork _engine = new(new WebSettings { AnswerTimeout = TimeSpan.FromSeconds(3), StallTimeout = TimeSpan.FromSeconds(3) }) { Connections = OnOneConnection };

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _engine.Dispose();
    }

    [Fact]
    public async Task The_next_question_is_there_before_the_answer_before_it_is_given()
    {
        var wasAskedAhead = new ConcurrentQueue<bool>();
        _server.OnRequest = async request =>
        {
            // A client that waits for each answer would never send the next question, and give up.
            if (request.NumberOnConnection is > 1 and < Files)
                wasAskedAhead.Enqueue(await request.HasNextAsync());
            await request.ServeAsync();
        };

        await _engine.RunAsync(Batch());

        wasAskedAhead.Should().HaveCount(Files - 2).And.AllBeEquivalentTo(true);
        _server.Connections.Should().Be(OnOneConnection);
        _server.Requests.Should().HaveCount(Files, "nothing is asked twice");
    }

    [Fact]
    public async Task The_first_question_on_a_connection_goes_alone()
    {
        var hadCompany = false;
        _server.OnRequest = async request =>
        {
            if (request.NumberOnConnection == 1)
            {
                await request.SendAsync(request.HeadOf(request.Span));
                hadCompany = request.HasBegunNext;
                await request.SendAsync(request.Content);
                return;
            }

            await request.ServeAsync();
        };

        await _engine.RunAsync(Batch());

        hadCompany.Should().BeFalse("it may be a server of the kind that ends each connection");
    }

    [Fact]
    public async Task A_server_that_forgets_what_is_asked_ahead_is_asked_one_by_one_from_then_on()
    {
        _server.OnRequest = async request =>
        {
            await request.ForgetOthersAsync();
            await request.ServeAsync();
        };

        await _engine.RunAsync(Batch());

        _server.Connections.Should().Be(OnOneConnection + 1, "one silence is enough to learn it");
        _server.Requests.Should().HaveCount(Files);
    }

    [Fact]
    public async Task A_server_that_ends_each_connection_after_two_answers_is_asked_one_by_one_in_the_end()
    {
        _server.OnRequest = async request =>
        {
            await request.ServeAsync();
            if (request.NumberOnConnection == 2)
                request.Close();
        };

        await _engine.RunAsync(Batch());

        _server.Requests.Should().HaveCount(Files);
        _server.Connections.Should().BeLessThanOrEqualTo(Files);
    }

    [Theory]
    [InlineData("429 Too Many Requests")]
    [InlineData("503 Service Unavailable")]
    public async Task A_server_that_has_had_too_much_is_waited_for_once_and_not_once_for_each_question_that_it_had_already(string status)
    {
        var throttled = 0;
        _server.OnRequest = request =>
        {
            // What was sent before the pause was heard of is refused as well.
            if (request is { Connection: 1, NumberOnConnection: >= 5 })
                throttled = request.Connection;
            return throttled == request.Connection ? request.SayAsync(status, "Retry-After: 1") : request.ServeAsync();
        };

        await _engine.RunAsync(Batch());

        _engine.Meter.RetriesFor(RetryCause.Throttled).Should().Be(1);
        _server.Connections.Should().Be(OnOneConnection + 1);
    }

    [Fact]
    public void Asking_ahead_pays_until_too_much_of_it_is_lost()
    {
        var foresight = new Foresight();

        foresight.Lost();
        foresight.Lost();
        foresight.Pays.Should().BeTrue("any connection may end once");
        foresight.Lost();
        foresight.Pays.Should().BeFalse();
        for (var answer = 0; answer < 1000; answer++)
            foresight.Answered();
        foresight.Pays.Should().BeTrue("a connection that ends after hundreds of answers is as good as any");
        foresight.WasIgnored();
        foresight.Pays.Should().BeFalse();
    }

    private TransferItem[] Batch() =>
    [
        .. Enumerable.Range(0, Files).Select(i => _engine.Item(_server, $"/file-{i:00}", EngineAtWork.Noise(100 + i, i)) with { Batch = "batch" }),
    ];
}
