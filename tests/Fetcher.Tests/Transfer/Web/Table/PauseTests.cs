using System.Collections.Concurrent;
using System.Globalization;
using Stevedore.Contract;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Tests.Transfer.Web.Table;

/// <summary>Row "408, 429, 5xx", its pauses: full jitter below a doubling ceiling, or what the source asked for.</summary>
public sealed class PauseTests : IAsyncDisposable
{
    private const string Large = "/model.safetensors";
    private const string Small = "/config.json";
    private static readonly byte[] Weights = EngineAtWork.Noise(20 << 20);
    private static readonly byte[] Config = EngineAtWork.Noise(5000);

    private readonly FileServer _server = new();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(0.37)]
    [InlineData(0.999)]
    public async Task The_pauses_are_full_jitter_below_a_ceiling_that_doubles_to_thirty_seconds(double jitter)
    {
        var clock = new HurriedClock();
        using var engine = new EngineAtWork(backoff: new Backoff(new Always(jitter), clock)) { Connections = 1 };
        _server.OnRequest = request => request.SayAsync("500 Internal Server Error");

        await engine.FailAsync(engine.Item(_server, Small, Config));

        clock.Pauses.Select(pause => pause.TotalSeconds).Should().Equal(new[] { 0.5, 1, 2, 4, 8, 16, 30 }.Select(ceiling => ceiling * jitter), (pause, expected) => Math.Abs(pause - expected) < 0.001);
    }

    [Theory]
    [InlineData("Retry-After: 120", 120, 125)]
    [InlineData("Retry-After: 0", 0, 0)]
    [InlineData("Retry-After: {300}", 290, 310)]
    [InlineData("Retry-After: {-3600}", 0, 0)]
    [InlineData("RateLimit: \"resolvers\";r=0;t=55", 55, 60)]
    [InlineData("Retry-After: -5", 0, 0.5)]
    [InlineData("Retry-After: soon", 0, 0.5)]
    [InlineData("Retry-After: NaN", 0, 0.5)]
    [InlineData("Retry-After: -Infinity", 0, 0.5)]
    [InlineData("Retry-After: -∞", 0, 0.5)]
    [InlineData("RateLimit: \"resolvers\";r=0;t=-Infinity", 0, 0.5)]
    [InlineData("RateLimit: \"resolvers\";r=5;t=55", 0, 0.5)]
    public async Task What_the_source_asks_for_is_honoured_where_it_makes_sense(string header, double least, double most)
    {
        var clock = new HurriedClock();
        using var engine = new EngineAtWork(backoff: new Backoff(new Random(1), clock)) { Connections = 1 };
        _server.OnRequest = request => request.Number == 1 ? request.SayAsync("429 Too Many Requests", Dated(header)) : request.ServeAsync();

        await engine.RunAsync(engine.Item(_server, Small, Config));

        engine.Published(Small).Should().Equal(Config);
        clock.Pauses.Should().ContainSingle().Which.TotalSeconds.Should().BeInRange(least, most);
    }

    [Theory]
    [InlineData(Small, "Retry-After: 86400")]
    [InlineData(Small, "Retry-After: 99999999999999999999999999")]
    [InlineData(Small, "Retry-After: {9000000}")]
    [InlineData(Small, "RateLimit: \"api\";r=0;t=99999999")]
    [InlineData(Large, "Retry-After: 86400")]
    [InlineData(Large, "Retry-After: 99999999999999999999999999")]
    public async Task A_source_that_asks_for_more_than_anybody_waits_ends_the_run(string path, string header)
    {
        using var engine = new EngineAtWork { Connections = 1 };
        _server.OnRequest = request => request.SayAsync("503 Service Unavailable", Dated(header));

        var failure = await engine.FailAsync(engine.Item(_server, path, path == Small ? Config : Weights));

        failure.Code.Should().Be(ExitCode.Unavailable);
        _server.Requests.Should().HaveCount(1);
    }

    [Theory]
    [InlineData("Retry-After: 1")]
    [InlineData("RateLimit: \"cdn\";r=0;t=1")]
    public async Task All_streams_of_a_file_leave_a_source_alone_for_as_long_as_it_asks(string header)
    {
        using var engine = new EngineAtWork { Connections = 4 };
        var refused = 0L;
        var early = new ConcurrentQueue<long>();
        _server.OnRequest = async request =>
        {
            if (request.Number == 1)
            {
                await request.SayAsync("429 Too Many Requests", header);
                Volatile.Write(ref refused, Environment.TickCount64);
                return;
            }

            if (request.At - Volatile.Read(ref refused) < 990)
                early.Enqueue(request.At - refused);
            await request.ServeAsync();
        };

        await engine.RunAsync(engine.Item(_server, Large, Weights));

        engine.Published(Large).Should().Equal(Weights);
        // The first question goes alone: the other streams wait for the way that it finds, and may be under way when it is refused.
        early.Count.Should().BeLessThanOrEqualTo(engine.Connections - 1);
        _server.Requests.Max(request => request.At).Should().BeGreaterThanOrEqualTo(refused + 990);
    }

    /// <summary>A date as <c>Retry-After</c> has it, in place of seconds from now in braces.</summary>
    private static string Dated(string header)
    {
        var (open, close) = (header.IndexOf('{', StringComparison.Ordinal), header.IndexOf('}', StringComparison.Ordinal));
        return open < 0
            ? header
            : header[..open] + DateTimeOffset.UtcNow.AddSeconds(int.Parse(header[(open + 1)..close], CultureInfo.InvariantCulture)).ToString("R", CultureInfo.InvariantCulture);
    }

    /// <summary>Jitter that a test chooses.</summary>
    private sealed class Always(double value) : Random
    {
        public override double NextDouble() => value;
    }

    /// <summary>Notes how long it is asked to wait, and does not.</summary>
    private sealed class HurriedClock : TimeProvider
    {
        public ConcurrentQueue<TimeSpan> Pauses { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Pauses.Enqueue(dueTime);
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
