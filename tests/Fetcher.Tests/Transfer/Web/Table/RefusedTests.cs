using System.Globalization;
using System.Security.Cryptography;
using Stevedore.Contract;
using Stevedore.Fetcher.Tests.Commands;
using Stevedore.Fetcher.Tests.Support;

namespace Stevedore.Fetcher.Tests.Transfer.Web.Table;

/// <summary>Rows "403 on a redirected URL" and "401, 403, 404 at the source": a signed address that died is signed anew once for all streams, and a source's own no is final.</summary>
public sealed class RefusedTests : IAsyncDisposable
{
    private const int Mebi = 1 << 20;
    private const int Together = 2;
    private const string Path = "/model.safetensors";
    private static readonly byte[] Content = EngineAtWork.Noise(96 * Mebi);

    private readonly FileServer _server = new();
    private readonly EngineAtWork _engine = new();
    private int _signatures;

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _engine.Dispose();
    }

    [Theory]
    [InlineData("403 Forbidden")]
    [InlineData("401 Unauthorized")]
    [InlineData("400 Bad Request")]
    [InlineData("404 Not Found")]
    [InlineData("410 Gone")]
    public async Task An_address_that_dies_under_several_streams_is_resolved_again_once(string status)
    {
        var (came, dead) = (0, 0);
        var several = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var renewed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.OnRequest = async request =>
        {
            if (request.Path == Path)
            {
                await SignAsync(request);
                return;
            }

            if (SignatureOf(request) > 1)
            {
                renewed.TrySetResult();
                await request.ServeAsync();
                return;
            }

            if (Interlocked.Increment(ref came) == 1)
            {
                // It has found the way; the others take it while this one is at its bytes, so that none of them gets theirs as well.
                await request.ServeAsync(request.Span, 0);
                await several.Task.WaitAsync(request.Stop);
                await request.SendAsync(Content.AsMemory((int)request.Span.From, (int)request.Span.Length));
                return;
            }

            // All of them have the dead address in their hands before the first learns of it, and the others do only when there is a new one.
            var number = Interlocked.Increment(ref dead);
            if (number == Together)
                several.SetResult();
            await (number == 1 ? several : renewed).Task.WaitAsync(request.Stop);
            await request.SayAsync(status);
        };

        await FetchAsync();

        _signatures.Should().Be(2);
        dead.Should().BeGreaterThanOrEqualTo(Together);
    }

    [Fact]
    public async Task Addresses_that_are_good_for_one_request_each_are_enough()
    {
        var used = new System.Collections.Concurrent.ConcurrentDictionary<int, bool>();
        _server.OnRequest = request => request.Path == Path
            ? SignAsync(request)
            : used.TryAdd(SignatureOf(request), true) ? request.ServeAsync() : request.SayAsync("403 Forbidden");

        await FetchAsync();
    }

    [Fact]
    public async Task A_store_that_refuses_fresh_addresses_too_is_final()
    {
        _server.OnRequest = request => request.Path == Path ? SignAsync(request) : request.SayAsync("403 Forbidden");

        var failure = await _engine.FailAsync(_engine.Item(_server, Path, Content));

        failure.Code.Should().Be(ExitCode.NoPermission);
        failure.Message.Should().NotContain("signature");
        _signatures.Should().BeLessThanOrEqualTo(_engine.Connections);
    }

    [Theory]
    [InlineData("401 Unauthorized", ExitCode.NoPermission)]
    [InlineData("403 Forbidden", ExitCode.NoPermission)]
    [InlineData("404 Not Found", ExitCode.NotFound)]
    public async Task What_the_source_itself_refuses_ends_the_command_at_once(string status, ExitCode code)
    {
        using var folder = new TemporaryFolder();
        var content = EngineAtWork.Noise(3 * Mebi);
        _server.Add("/model/SHA256SUMS", System.Text.Encoding.ASCII.GetBytes($"{Convert.ToHexStringLower(SHA256.HashData(content))}  a.safetensors\n"));
        _server.Add("/model/a.safetensors", content);
        _server.OnRequest = request => request is { Path: "/model/a.safetensors", Method: "GET" } ? request.SayAsync(status) : request.ServeAsync();

        var run = await ProgramRun.Of("fetch", _server.Address("/model/").OriginalString, "--cache", folder["cache"], "--progress", "none");

        run.Code.Should().Be(code, run.Errors);
        run.ErrorLines[^1].Should().Contain("a.safetensors");
        run.Output.Should().BeEmpty();
        _server.Requests.Count(request => request is { Path: "/model/a.safetensors", Method: "GET" }).Should().Be(1);
    }

    private Task SignAsync(FileRequest request)
    {
        var signature = Interlocked.Increment(ref _signatures);
        _server.Add($"/blob?signature={signature}", Content);
        return request.SayAsync("302 Found", $"Location: /blob?signature={signature}");
    }

    private static int SignatureOf(FileRequest request) => int.Parse(request.Path.Split('=')[1], CultureInfo.InvariantCulture);

    private async Task FetchAsync()
    {
        await _engine.RunAsync(_engine.Item(_server, Path, Content));
        _engine.Published(Path).Should().Equal(Content);
    }
}
