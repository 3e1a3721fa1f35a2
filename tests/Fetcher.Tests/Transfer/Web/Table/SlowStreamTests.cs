using Stevedore.Contract;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Transfer;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Tests.Transfer.Web.Table;

/// <summary>Row "stall", with what belongs to it: a stream that brings nothing, or far less than the others, is cut, and only what it did not bring is asked for again.</summary>
public sealed class SlowStreamTests : IAsyncDisposable
{
    private const int Mebi = 1 << 20;
    private const string Path = "/model.safetensors";
    private const int Brought = (2 * Mebi) + 100;
    private static readonly byte[] Content = EngineAtWork.Noise(64 * Mebi);

    private readonly FileServer _server = new();
    private readonly EngineAtWork _engine = new(new WebSettings { StallTimeout = TimeSpan.FromSeconds(1), AnswerTimeout = TimeSpan.FromSeconds(1) });
    private ByteSpan _slow;

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _engine.Dispose();
    }

    [Fact]
    public void A_stall_is_ten_seconds_of_nothing() => new WebSettings().StallTimeout.Should().Be(TimeSpan.FromSeconds(10));

    [Fact]
    public async Task A_stream_that_goes_quiet_is_cut_and_what_it_brought_stays()
    {
        _server.OnRequest = async request =>
        {
            if (request.Number != 2)
            {
                await request.ServeAsync();
                return;
            }

            _slow = request.Span;
            await request.ServeAsync(request.Span, Brought);
            await request.HangAsync();
        };

        await _engine.RunAsync(_engine.Item(_server, Path, Content));

        _engine.Published(Path).Should().Equal(Content);
        _engine.Meter.RetriesFor(RetryCause.Stalled).Should().Be(1);
        OnlyWhatIsMissingIsAskedForAgain();
    }

    [Fact]
    public async Task A_stream_far_below_the_others_is_cut_and_what_it_brought_stays()
    {
        using var engine = new EngineAtWork();
        _server.OnRequest = async request =>
        {
            if (request.Number == 2)
            {
                _slow = request.Span;
                await request.ServeAsync(request.Span, Brought);
                await DripAsync(request, 16, TimeSpan.FromMilliseconds(200), () => false);
            }
            else if (request.Range!.Value.From >= _slow.From && request.Range.Value.From < _slow.To && request.Number > 4)
            {
                await request.ServeAsync();
            }
            else
            {
                // As long as the slow one is not cut, so that there is something to compare it with.
                await request.ServeAsync(request.Span, 0);
                await DripAsync(request, 64 << 10, TimeSpan.FromMilliseconds(100), () => engine.Meter.RetriesFor(RetryCause.Stalled) > 0);
            }
        };

        await engine.RunAsync(engine.Item(_server, Path, Content));

        engine.Published(Path).Should().Equal(Content);
        engine.Meter.RetriesFor(RetryCause.Stalled).Should().Be(1);
        OnlyWhatIsMissingIsAskedForAgain();
    }

    [Fact]
    public async Task The_last_stream_is_cut_where_it_is_far_below_those_that_ended_before_it()
    {
        using var engine = new EngineAtWork();
        _server.OnRequest = async request =>
        {
            if (request.Number != 2)
            {
                await request.ServeAsync();
                return;
            }

            _slow = request.Span;
            await request.ServeAsync(request.Span, Brought);
            await DripAsync(request, 16, TimeSpan.FromMilliseconds(200), () => false);
        };

        await engine.RunAsync(engine.Item(_server, Path, Content));

        engine.Published(Path).Should().Equal(Content);
        engine.Meter.RetriesFor(RetryCause.Stalled).Should().Be(1);
        OnlyWhatIsMissingIsAskedForAgain();
    }

    [Fact]
    public async Task A_small_file_that_stalls_is_asked_for_again()
    {
        var content = EngineAtWork.Noise(9000);
        _server.OnRequest = async request =>
        {
            if (request.Number > 2)
            {
                await request.ServeAsync();
                return;
            }

            await request.ServeAsync(request.Span, 100);
            await request.HangAsync();
        };

        await _engine.RunAsync(_engine.Item(_server, "/config.json", content));

        _engine.Published("/config.json").Should().Equal(content);
        _engine.Meter.RetriesFor(RetryCause.Stalled).Should().Be(2);
    }

    [Fact]
    public async Task A_source_that_takes_questions_and_answers_none_is_given_up()
    {
        using var engine = new EngineAtWork(new WebSettings { AnswerTimeout = TimeSpan.FromMilliseconds(200) }) { Connections = 1 };
        _server.OnRequest = request => request.HangAsync();

        var failure = await engine.FailAsync(engine.Item(_server, Path, Content));

        failure.Code.Should().Be(ExitCode.Unavailable);
        failure.Message.Should().Contain("did not answer within 0.2 s").And.Contain("8 times in a row");
        engine.Meter.RetriesFor(RetryCause.Stalled).Should().Be(Backoff.Tries);
    }

    /// <summary>Goes on behind what was sent of a request already, slowly; as fast as it goes once it need not be slow any more.</summary>
    private static async Task DripAsync(FileRequest request, int bytes, TimeSpan every, Func<bool> isFast)
    {
        var span = request.Span;
        var at = bytes < 1024 ? span.From + Brought : span.From;
        for (; at < span.To && !isFast(); at += bytes)
        {
            await request.SendAsync(Content.AsMemory((int)at, (int)Math.Min(bytes, span.To - at)));
            await Task.Delay(every, request.Stop);
        }

        if (at < span.To)
            await request.SendAsync(Content.AsMemory((int)at, (int)(span.To - at)));
    }

    private void OnlyWhatIsMissingIsAskedForAgain()
    {
        var again = _server.Requests.Where(request => request.Number > 2 && request.Range is { } span && span.From < _slow.To && span.To > _slow.From).Select(request => request.Span).ToList();
        again.Should().NotBeEmpty();
        again.Min(span => span.From).Should().Be(_slow.From + (2 * Mebi), "two whole blocks came, and a piece of the third that comes again");
        again.Where(span => span.From == _slow.From + (2 * Mebi)).Should().ContainSingle();
    }
}
