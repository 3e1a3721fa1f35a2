using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Stevedore.Contract;
using Stevedore.Fetcher.Tests.Sources;
using Stevedore.Fetcher.Transfer;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Tests.Transfer.Web;

/// <summary>Threads that block in a source's silence are let go: by the run's end, by a stall, by an answer that never comes; with and without TLS.</summary>
public sealed class SilenceTests : IDisposable
{
    private const int Size = 1 << 20;
    private readonly TestCertificates _certificates = new();
    private readonly X509Certificate2 _certificate;

    public SilenceTests() => _certificate = _certificates.Issue("127.0.0.1");

    public void Dispose()
    {
        _certificate.Dispose();
        _certificates.Dispose();
    }

    /// <param name="missing">Bytes that the body stops before its end: what is cheap to drain, and what is not.</param>
    /// <param name="encrypted">Whether TLS lies between.</param>
    [Theory]
    [InlineData(10, false)]
    [InlineData(10, true)]
    [InlineData(Size - 10, false)]
    [InlineData(Size - 10, true)]
    public async Task A_cancelled_run_gets_its_threads_back_at_once(int missing, bool encrypted)
    {
        using var web = Web(stall: TimeSpan.FromSeconds(30));
        await using var server = Silent(missing, encrypted);
        using var stop = new CancellationTokenSource();
        var (blocked, lastRead) = Block(Origin(web, server), missing, stop.Token);
        await lastRead;

        var clock = Stopwatch.StartNew();
        await stop.CancelAsync();
        await blocked.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();

        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_cancelled_run_gets_its_threads_back_before_any_answer()
    {
        using var web = Web(stall: TimeSpan.FromSeconds(30));
        var asked = new TaskCompletionSource();
        await using var server = new RawServer(async request =>
        {
            asked.SetResult();
            await request.HangAsync();
        });
        using var stop = new CancellationTokenSource();
        var (blocked, _) = Block(Origin(web, server), 0, stop.Token);
        await asked.Task;

        await stop.CancelAsync();

        await blocked.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
    }

    [Theory]
    [InlineData(10, false)]
    [InlineData(10, true)]
    [InlineData(Size - 10, false)]
    [InlineData(Size - 10, true)]
    public async Task A_body_that_stalls_is_cut(int missing, bool encrypted)
    {
        using var web = Web(stall: TimeSpan.FromMilliseconds(100));
        await using var server = Silent(missing, encrypted);

        var failure = (await Block(Origin(web, server), missing).Blocked.Awaiting(task => task).Should().ThrowAsync<TransferException>()).Which;

        failure.Fault.Should().Be(TransferFault.Transient);
        failure.Message.Should().Contain("sent nothing for 0.1 s");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_source_that_never_answers_is_cut_also_on_a_connection_that_worked(bool encrypted)
    {
        using var web = Web(stall: TimeSpan.FromSeconds(30), answer: TimeSpan.FromMilliseconds(300));
        await using var server = new RawServer(
            async request =>
            {
                await request.Stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-3/{Size}\r\nContent-Length: 4\r\n\r\n0123"), request.Stop);
                await request.HangAsync();
            },
            encrypted ? _certificate : null);
        var origin = Origin(web, server);
        await origin.ReadAsync(0, 4);

        var failure = (await origin.Awaiting(it => it.ReadAsync(4, 8)).Should().ThrowAsync<TransferException>()).Which;

        failure.Fault.Should().Be(TransferFault.Transient);
        failure.Message.Should().Contain("did not answer within 0.3 s");
        server.Requests.Should().ContainSingle("the second question went over the first one's connection");
    }

    private RawServer Silent(int missing, bool encrypted) => new(
        async request =>
        {
            await request.SayAsync("HTTP/1.1 206 Partial Content", $"Content-Range: bytes 0-{Size - 1}/{Size}", $"Content-Length: {Size}", "", new string('x', Size - missing));
            await request.HangAsync();
        },
        encrypted ? _certificate : null);

    private WebConnections Web(TimeSpan stall, TimeSpan? answer = null) => new(new WebSettings
    {
        CaBundles = [_certificates.Bundle],
        StallTimeout = stall,
        AnswerTimeout = answer ?? TimeSpan.FromSeconds(30),
    });

    private static WebOrigin Origin(WebConnections web, RawServer server) => new(
        web, new WebQuestion(server.Address()), Size, validator: null, answer => new FetchException(ExitCode.NoPermission, $"{answer.Who} refuses."));

    /// <summary>Reads on a thread of its own; the second task ends when nothing more than the silence is left to be read.</summary>
    private static (Task Blocked, Task LastRead) Block(WebOrigin origin, int missing, CancellationToken cancellationToken = default)
    {
        var lastRead = new TaskCompletionSource();
        var blocked = Task.Factory.StartNew(
            () =>
            {
                using var open = origin.Open(0, Size, whole: false, cancellationToken);
                var buffer = new byte[64 * 1024];
                for (var read = 0; ;)
                {
                    if (read == Size - missing)
                        lastRead.TrySetResult();
                    read += open.Body.Read(buffer);
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        return (blocked, lastRead.Task);
    }
}
