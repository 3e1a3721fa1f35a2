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
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly FileServer _server = new();
    private readonly EngineAtWork _engine = new(new WebSettings { AnswerTimeout = Patience, StallTimeout = Patience });
    private readonly List<byte[]> _contents = [];

    public static TheoryData<string, bool> Survived => [.. Misdeeds.All.Keys.SelectMany(deed => new[] { (deed, true), (deed, false) })];

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _engine.Dispose();
    }

    [Theory]
    [MemberData(nameof(Survived))]
    public async Task Every_file_is_right_where_the_server(string deed, bool hasDigests)
    {
        _server.OnRequest = Misdeeds.All[deed];

        await _engine.RunAsync(Batch(hasDigests));

        RightOnes().Should().Be(Files);
    }

    [Theory]
    [InlineData("closes behind each first answer")]
    [InlineData("says in the middle that it closes")]
    [InlineData("truncates each third answer")]
    [InlineData("stalls within an answer")]
    [InlineData("sends garbage between answers")]
    [InlineData("forgets what was sent ahead")]
    [InlineData("sends its answers in small pieces")]
    public async Task Every_file_is_right_over_TLS_where_the_server(string deed)
    {
        using var certificates = new TestCertificates();
        using var certificate = certificates.Issue("127.0.0.1");
        await using var server = new FileServer(certificate) { OnRequest = Misdeeds.All[deed] };
        using var engine = new EngineAtWork(new WebSettings { CaBundles = [certificates.Bundle], AnswerTimeout = Patience, StallTimeout = Patience });

        await engine.RunAsync(Batch(engine, server, hasDigests: false));

        RightOnes(engine).Should().Be(Files);
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

    private TransferItem[] Batch(bool hasDigests, string? validator = null, bool sameSize = false) => Batch(_engine, _server, hasDigests, validator, sameSize);

    private TransferItem[] Batch(EngineAtWork engine, FileServer server, bool hasDigests, string? validator = null, bool sameSize = false) =>
    [
        .. Enumerable.Range(0, Files).Select(file =>
        {
            var length = hasDigests && !sameSize ? 200 + (file * 1500) : 7000;
            _contents.Add(EngineAtWork.Noise(length, seed: file));
            return engine.Item(server, PathOf(file), _contents[file], hasDigests, validator) with { Batch = "the-batch" };
        }),
    ];

    private int RightOnes(EngineAtWork? engine = null) => Enumerable.Range(0, Files)
        .Count(file => (engine ?? _engine).HasPublished(PathOf(file)) && (engine ?? _engine).Published(PathOf(file)).AsSpan().SequenceEqual(_contents[file]));

    private void AllAreRightOrAbsent() => Enumerable.Range(0, Files)
        .Where(file => _engine.HasPublished(PathOf(file)) && !_engine.Published(PathOf(file)).AsSpan().SequenceEqual(_contents[file]))
        .Should().BeEmpty("what is published is what was promised under that very name");

    private void AllButTheOddAreRightOrAbsent()
    {
        _engine.HasPublished(PathOf(Odd)).Should().BeFalse();
        AllAreRightOrAbsent();
    }
}
