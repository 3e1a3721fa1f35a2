using Stevedore.Contract;
using Stevedore.Fetcher.Transfer;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Tests.Transfer.Web.Table;

/// <summary>
/// Forty small files of a batch, asked for over few connections, perhaps several at a time: whatever a server makes of that, every file is right in the end, or the run ends
/// with the right failure, and no file has another's bytes. Without digests all files are of one size, so that nothing but the order of answers tells them apart.
/// </summary>
public sealed class PipelinedAnswersTests : IAsyncDisposable
{
    private const int Files = 40;
    private const int Odd = 17;
    private readonly FileServer _server = new();
    private readonly EngineAtWork _engine = new(new WebSettings { AnswerTimeout = TimeSpan.FromSeconds(2), StallTimeout = TimeSpan.FromSeconds(2) });
    private readonly List<byte[]> _contents = [];

    /// <summary>What a server does once in a while, and what must be survived.</summary>
    private static readonly Dictionary<string, Func<FileRequest, Task>> Misdeeds = new()
    {
        ["closes behind each first answer"] = async request =>
        {
            await request.ServeAsync();
            request.Close();
        },
        ["says in the middle that it closes"] = async request =>
        {
            var closes = request.NumberOnConnection == 3;
            await request.ServeAsync(closes ? ["Connection: close"] : []);
            if (closes)
                request.Close();
        },
        ["says that it closes and goes on all the same"] = request => request.ServeAsync(request.NumberOnConnection == 3 ? ["Connection: close"] : []),
        ["resets in the middle"] = async request =>
        {
            if (request.NumberOnConnection % 5 == 4)
                request.Reset();
            else
                await request.ServeAsync();
        },
        ["truncates each third answer"] = async request =>
        {
            if (request.NumberOnConnection == 3)
            {
                await request.ServeAsync(request.Span, (int)request.Span.Length / 2);
                request.Close();
                return;
            }

            await request.ServeAsync();
        },
        ["stalls within an answer"] = async request =>
        {
            if (request.Number != 5)
            {
                await request.ServeAsync();
                return;
            }

            await request.ServeAsync(request.Span, (int)request.Span.Length / 2);
            await request.HangAsync();
        },
        ["sends garbage between answers"] = async request =>
        {
            var garbage = request.NumberOnConnection == 2 ? "\0\r\n\r\nneither here nor there\r\n\r\n" : "";
            await request.SendAsync((byte[])[.. System.Text.Encoding.ASCII.GetBytes(request.HeadOf(request.Span)), .. request.Content!, .. System.Text.Encoding.ASCII.GetBytes(garbage)]);
        },
        ["speaks HTTP/1.0"] = async request =>
        {
            await request.SendAsync(request.HeadOf(request.Span).Replace("HTTP/1.1", "HTTP/1.0", StringComparison.Ordinal));
            await request.SendAsync(request.Content!);
            request.Close();
        },
        ["forgets what was sent ahead"] = async request =>
        {
            await request.ForgetOthersAsync();
            await request.ServeAsync();
        },
        ["answers 503 once"] = request => request.Number == 5 ? request.SayAsync("503 Service Unavailable", "Retry-After: 0") : request.ServeAsync(),
        ["answers 503 with a body and closes"] = async request =>
        {
            if (request.NumberOnConnection != 3)
            {
                await request.ServeAsync();
                return;
            }

            await request.SendAsync("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nConnection: close\r\nContent-Length: 9\r\n\r\noverload.");
            request.Close();
        },
        ["answers once with another length"] = async request =>
        {
            if (request.Number == 5)
                await request.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nodd");
            else
                await request.ServeAsync();
        },
        ["answers once with a range that nobody asked for"] = async request =>
        {
            if (request.Number == 5)
                await request.SendAsync($"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 3-5/{request.Content!.Length}\r\nContent-Length: 3\r\n\r\nodd");
            else
                await request.ServeAsync();
        },
        ["announces its answers with 103"] = async request =>
        {
            await request.SendAsync("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
            await request.ServeAsync();
        },
        ["answers in chunks"] = async request =>
        {
            await request.SendAsync($"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{request.Content!.Length:x}\r\n");
            await request.SendAsync(request.Content);
            await request.SendAsync("\r\n0\r\n\r\n");
        },
    };

    public static TheoryData<string, bool> Survived => [.. Misdeeds.Keys.SelectMany(deed => new[] { (deed, true), (deed, false) })];

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _engine.Dispose();
    }

    [Theory]
    [MemberData(nameof(Survived))]
    public async Task Every_file_is_right_where_the_server(string deed, bool hasDigests)
    {
        _server.OnRequest = Misdeeds[deed];

        await _engine.RunAsync(Batch(hasDigests));

        RightOnes().Should().Be(Files);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_file_is_right_where_nothing_goes_wrong_and_they_share_connections(bool hasDigests)
    {
        await _engine.RunAsync(Batch(hasDigests));

        RightOnes().Should().Be(Files);
        _server.Requests.Should().HaveCount(Files);
        _server.Connections.Should().BeLessThanOrEqualTo(_engine.Connections);
        HttpClientWitness.HasSeen(_server.Port).Should().BeFalse();
    }

    [Theory]
    [InlineData("404 Not Found", ExitCode.NotFound)]
    [InlineData("403 Forbidden", ExitCode.NoPermission)]
    [InlineData("401 Unauthorized", ExitCode.NoPermission)]
    public async Task One_that_is_refused_ends_the_run_with_its_code_and_harms_no_other(string status, ExitCode code)
    {
        _server.OnRequest = request => request.Path == PathOf(Odd) ? request.SayAsync(status) : request.ServeAsync();

        var failure = await _engine.FailAsync(Batch(hasDigests: true));

        failure.Code.Should().Be(code);
        failure.Message.Should().Contain(PathOf(Odd));
        _server.Requests.Count(request => request.Path == PathOf(Odd)).Should().Be(1, "it is final");
        AllButTheOddAreRightOrAbsent();
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nodd", ExitCode.WrongContent)]
    [InlineData("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 3-5/9999\r\nContent-Length: 3\r\n\r\nodd", ExitCode.WrongContent)]
    [InlineData("HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\n\r\nodd", ExitCode.Unavailable)]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nContent-Length: 3\r\n\r\nodd", ExitCode.Unavailable)]
    [InlineData("HTTP/1.1 412 Precondition Failed\r\nContent-Length: 3\r\n\r\nodd", ExitCode.WrongContent)]
    public async Task One_that_is_always_answered_wrongly_ends_the_run_with_a_typed_failure(string answer, ExitCode code)
    {
        _server.OnRequest = request => request.Path == PathOf(Odd) ? request.SendAsync(answer) : request.ServeAsync();

        var failure = await _engine.FailAsync(Batch(hasDigests: true));

        failure.Code.Should().Be(code);
        failure.Message.Should().Contain(PathOf(Odd));
        AllButTheOddAreRightOrAbsent();
    }

    [Fact]
    public async Task One_that_has_another_ETag_than_it_was_listed_with_is_another_file()
    {
        _server.OnRequest = request => request.ServeAsync(request.Path == PathOf(Odd) ? "ETag: \"two\"" : "ETag: \"one\"");

        var failure = await _engine.FailAsync(Batch(hasDigests: false, validator: "\"one\""));

        failure.Code.Should().Be(ExitCode.WrongContent);
        failure.Message.Should().Contain(PathOf(Odd));
        _server.Requests.Count(request => request.Path == PathOf(Odd)).Should().Be(2, "it is started once again");
        AllButTheOddAreRightOrAbsent();
    }

    [Fact]
    public async Task Answers_in_another_order_are_never_published_under_the_wrong_name()
    {
        _server.OnRequest = request =>
        {
            if (request.Path == PathOf(Odd))
                request.Content = _contents[Odd + 1];
            else if (request.Path == PathOf(Odd + 1))
                request.Content = _contents[Odd];
            return request.ServeAsync();
        };

        var failure = await _engine.FailAsync(Batch(hasDigests: true, sameSize: true));

        failure.Code.Should().Be(ExitCode.WrongContent);
        AllButTheOddAreRightOrAbsent();
    }

    [Fact]
    public async Task An_answer_that_nobody_asked_for_is_never_published()
    {
        _server.OnRequest = async request =>
        {
            var forged = request.NumberOnConnection == 3 ? (byte[])[.. System.Text.Encoding.ASCII.GetBytes(request.HeadOf(request.Span)), .. new byte[request.Content!.Length]] : [];
            await request.SendAsync((byte[])[.. System.Text.Encoding.ASCII.GetBytes(request.HeadOf(request.Span)), .. request.Content!, .. forged]);
        };

        try
        {
            await _engine.RunAsync(Batch(hasDigests: true, sameSize: true));
            RightOnes().Should().Be(Files);
        }
        catch (FetchException failure)
        {
            // It may stand where the next answer is expected; its digest tells.
            failure.Code.Should().Be(ExitCode.WrongContent);
        }

        AllAreRightOrAbsent();
    }

    private static string PathOf(int file) => $"/part-{file}.bin";

    private TransferItem[] Batch(bool hasDigests, string? validator = null, bool sameSize = false) =>
    [
        .. Enumerable.Range(0, Files).Select(file =>
        {
            var length = hasDigests && !sameSize ? 200 + (file * 1500) : 7000;
            _contents.Add(EngineAtWork.Noise(length, seed: file));
            return _engine.Item(_server, PathOf(file), _contents[file], hasDigests, validator) with { Batch = "the-batch" };
        }),
    ];

    private int RightOnes() => Enumerable.Range(0, Files).Count(file => _engine.HasPublished(PathOf(file)) && _engine.Published(PathOf(file)).AsSpan().SequenceEqual(_contents[file]));

    private void AllAreRightOrAbsent() => Enumerable.Range(0, Files)
        .Where(file => _engine.HasPublished(PathOf(file)) && !_engine.Published(PathOf(file)).AsSpan().SequenceEqual(_contents[file]))
        .Should().BeEmpty("what is published is what was promised under that very name");

    private void AllButTheOddAreRightOrAbsent()
    {
        _engine.HasPublished(PathOf(Odd)).Should().BeFalse();
        AllAreRightOrAbsent();
    }
}
