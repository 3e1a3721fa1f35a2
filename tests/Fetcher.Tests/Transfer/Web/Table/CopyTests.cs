using System.Security.Cryptography;
using System.Text;
using Stevedore.Contract;
using Stevedore.Fetcher.Tests.Commands;
using Stevedore.Fetcher.Tests.Support;

namespace Stevedore.Fetcher.Tests.Transfer.Web.Table;

/// <summary><c>mirror</c> reads each file once, from its start to its end, over the same connections: it meets the same servers, and has one stream and no second try from the start.</summary>
public sealed class CopyTests : IAsyncDisposable
{
    private const int Mebi = 1 << 20;
    private const string File = "/model/model.safetensors";
    private static readonly byte[] Content = EngineAtWork.Noise(20 * Mebi);

    private readonly TemporaryFolder _folder = new();
    private readonly FileServer _server = new();

    public CopyTests()
    {
        _server.Add(File, Content);
        _server.Add("/model/SHA256SUMS", Encoding.ASCII.GetBytes($"{Convert.ToHexStringLower(SHA256.HashData(Content))}  model.safetensors\n"));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_copy_goes_on_behind_the_very_byte_at_which_a_connection_was_reset()
    {
        var brought = 0L;
        OnContent(async request =>
        {
            request.Span.From.Should().BeGreaterThanOrEqualTo(brought - (2 * Mebi), "what came is not asked for again, but for what was on its way");
            var length = (int)Math.Min(request.Span.Length, 3 * Mebi);
            brought = request.Span.From + length;
            request.NarrowTheWay();
            await request.ServeAsync(request.Span, length);
            if (length < request.Span.Length)
                request.Reset();
        });

        await CopyAsync();

        brought.Should().Be(Content.Length);
    }

    [Fact]
    public async Task A_copy_from_a_server_without_ranges_passes_over_what_it_has()
    {
        var requests = 0;
        OnContent(async request =>
        {
            await request.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {Content.Length}\r\n\r\n");
            await request.SendAsync(Content.AsMemory(0, ++requests * 8 * Mebi > Content.Length ? Content.Length : requests * 8 * Mebi));
            request.Close();
        });

        await CopyAsync();

        requests.Should().Be(3);
    }

    [Fact]
    public async Task A_copy_sits_out_trouble_and_gives_up_after_eight_tries()
    {
        var requests = 0;
        OnContent(request => ++requests % 8 == 0 ? request.ServeAsync() : request.SayAsync("503 Service Unavailable", "Retry-After: 0"));
        await CopyAsync();
        requests.Should().Be(8);

        OnContent(request => request.SayAsync("503 Service Unavailable", "Retry-After: 0"));
        var run = await RunAsync("other");

        run.Code.Should().Be(ExitCode.Unavailable, run.Errors);
        run.ErrorLines[^1].Should().Contain("503").And.Contain("8 times in a row");
    }

    [Fact]
    public async Task A_copy_of_a_file_that_changes_half_way_is_none()
    {
        var requests = 0;
        OnContent(async request =>
        {
            if (++requests > 1)
            {
                await request.ServeAsync("ETag: \"two\"");
                return;
            }

            await request.ServeAsync(request.Span, 9 * Mebi, "ETag: \"one\"");
            request.Close();
        });

        var run = await RunAsync("copy");

        run.Code.Should().Be(ExitCode.WrongContent, run.Errors);
        Directory.EnumerateFiles(_folder.Path, "model.safetensors", SearchOption.AllDirectories).Should().BeEmpty();
    }

    [Fact]
    public async Task A_copy_to_a_volume_that_fills_up_says_so_and_goes_on_once_there_is_room()
    {
        using var volume = SmallVolume.OnDisk(30);
        OnContent(async request =>
        {
            await request.ServeAsync(request.Span, 9 * Mebi);
            volume.Fill();
            await request.SendAsync(Content.AsMemory(9 * Mebi));
        });
        var target = Path.Combine(volume.Path, "copy");

        var full = await ProgramRun.Of("mirror", _server.Address("/model/").OriginalString, $"file://{target}/", "--progress", "none");

        full.Code.Should().Be(ExitCode.CannotWrite, full.Errors);
        full.ErrorLines[^1].Should().Contain("the volume is full");
        volume.MakeRoom();
        OnContent(request => request.ServeAsync());
        var again = await ProgramRun.Of("mirror", _server.Address("/model/").OriginalString, $"file://{target}/", "--progress", "none");
        again.Code.Should().Be(ExitCode.Done, again.Errors);
        System.IO.File.ReadAllBytes(Path.Combine(target, "model.safetensors")).Should().Equal(Content);
    }

    private void OnContent(Func<FileRequest, Task> answer) =>
        _server.OnRequest = request => request is { Path: File, Method: "GET" } ? answer(request) : request.ServeAsync();

    private async Task CopyAsync()
    {
        var run = await RunAsync("copy");
        run.Code.Should().Be(ExitCode.Done, run.Errors);
        System.IO.File.ReadAllBytes(_folder["copy/model.safetensors"]).Should().Equal(Content);
    }

    private Task<ProgramRun> RunAsync(string target) =>
        ProgramRun.Of("mirror", _server.Address("/model/").OriginalString, $"file://{_folder[target]}/", "--progress", "none");
}
