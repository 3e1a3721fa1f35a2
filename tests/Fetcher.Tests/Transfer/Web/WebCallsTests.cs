using System.Text;
using Microsoft.Extensions.Time.Testing;
using Stevedore.Fetcher.Sources;
using Stevedore.Fetcher.Transfer;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Tests.Transfer.Web;

public sealed class WebCallsTests
{
    [Fact]
    public async Task Gives_up_after_eight_tries()
    {
        await using var server = RawServer.Saying("HTTP/1.1 503 Service Unavailable", "Retry-After: 0", "Content-Length: 0", "", "");

        var failure = await FailureAsync(server, Patience.Long);

        failure.Message.Should().Contain("503").And.Contain("8 tries").And.Contain("come back in 0 s");
        server.Requests.Should().HaveCount(8);
    }

    [Fact]
    public async Task Waits_as_long_as_the_source_asks_for()
    {
        var clock = new PauseClock();
        var answers = 0;
        await using var server = new RawServer(request => Interlocked.Increment(ref answers) == 1
            ? request.SayAsync("HTTP/1.1 429 Too Many Requests", "RateLimit: \"api\";r=0;t=300", "Content-Length: 0", "", "")
            : request.SayAsync("HTTP/1.1 200 OK", "Content-Length: 2", "", "ok"));
        using var web = new WebConnections(new WebSettings());
        var call = AskAsync(web, server, Patience.Long, clock);

        var pause = await clock.Paused;
        clock.Advance(pause);

        pause.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(300)).And.BeLessThanOrEqualTo(TimeSpan.FromSeconds(305));
        (await call).Should().Be("ok");
    }

    [Theory]
    [InlineData("Retry-After: 86400", Patience.Long)]
    [InlineData("Retry-After: 30", Patience.Short)]
    public async Task A_source_that_asks_for_more_than_there_is_patience_for_is_not_waited_for(string header, object patience)
    {
        await using var server = RawServer.Saying("HTTP/1.1 503 Service Unavailable", header, "Content-Length: 0", "", "");

        await FailureAsync(server, (Patience)patience);

        server.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task A_body_that_breaks_off_is_asked_for_again()
    {
        var answers = 0;
        await using var server = new RawServer(request =>
            request.SayAsync("HTTP/1.1 200 OK", "Content-Length: 2", "", Interlocked.Increment(ref answers) == 1 ? "o" : "ok"));
        using var web = new WebConnections(new WebSettings());

        (await AskAsync(web, server, Patience.Short)).Should().Be("ok");
    }

    [Fact]
    public async Task A_body_that_stalls_is_asked_for_again()
    {
        var answers = 0;
        await using var server = new RawServer(async request =>
        {
            var isFirst = Interlocked.Increment(ref answers) == 1;
            await request.SayAsync("HTTP/1.1 200 OK", "Content-Length: 2", "", isFirst ? "o" : "ok");
            if (isFirst)
                await request.HangAsync();
        });
        using var web = new WebConnections(new WebSettings { StallTimeout = TimeSpan.FromMilliseconds(100) });

        (await AskAsync(web, server, Patience.Short)).Should().Be("ok");
    }

    [Fact]
    public async Task A_server_that_is_slow_costs_an_impatient_caller_no_more_than_a_connection_may()
    {
        await using var server = new RawServer(request => request.HangAsync());
        using var web = new WebConnections(new WebSettings { ConnectTimeout = TimeSpan.FromMilliseconds(100) });

        var failure = (await web.Awaiting(it => AskAsync(it, server, Patience.Short)).Should().ThrowAsync<SourceUnavailableException>()).Which;

        failure.Message.Should().Contain("took too long");
    }

    [Fact]
    public async Task A_certificate_that_does_not_hold_is_not_tried_again()
    {
        using var certificates = new TestCertificates();
        using var certificate = certificates.Issue("127.0.0.1");
        await using var server = new RawServer(request => request.SayAsync("HTTP/1.1 200 OK", "Content-Length: 0", "", ""), certificate);

        var failure = await FailureAsync(server, Patience.Long);

        failure.Message.Should().Contain("not trusted").And.NotContain("tries");
    }

    [Fact]
    public async Task A_cancelled_call_ends_while_it_waits()
    {
        await using var server = RawServer.Saying("HTTP/1.1 503 Service Unavailable", "Retry-After: 300", "Content-Length: 0", "", "");
        using var web = new WebConnections(new WebSettings());
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));

        await web.Awaiting(it => AskAsync(it, server, Patience.Long, stop: stop.Token)).Should().ThrowAsync<OperationCanceledException>();
    }

    private static async Task<SourceUnavailableException> FailureAsync(RawServer server, Patience patience)
    {
        using var web = new WebConnections(new WebSettings());
        return (await web.Awaiting(it => AskAsync(it, server, patience)).Should().ThrowAsync<SourceUnavailableException>()).Which;
    }

    private static Task<string> AskAsync(
        WebConnections web, RawServer server, Patience patience, TimeProvider? time = null, CancellationToken stop = default) =>
        new WebCalls(web, new Backoff(new Random(1), time ?? TimeProvider.System)).AskAsync(
            new WebQuestion(server.Address()),
            patience,
            async (_, body, cancelled) =>
            {
                using var reader = new StreamReader(body, Encoding.ASCII);
                return await reader.ReadToEndAsync(cancelled);
            },
            stop.CanBeCanceled ? stop : TestContext.Current.CancellationToken);

    /// <summary>Tells how long the first wait is, and lets the test end it.</summary>
    private sealed class PauseClock : FakeTimeProvider
    {
        private readonly TaskCompletionSource<TimeSpan> _paused = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<TimeSpan> Paused => _paused.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _paused.TrySetResult(dueTime);
            return timer;
        }
    }
}
