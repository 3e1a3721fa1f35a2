using System.Security.Cryptography;
using System.Text;
using Stevedore.Contract;
using Stevedore.Fetcher.Tests.Commands;
using Stevedore.Fetcher.Tests.Support;

namespace Stevedore.Fetcher.Tests.Transfer.Web.Table;

/// <summary>Row "ENOSPC": the volume fills up in the middle of a transfer. The command says so with 73, keeps what it has, and goes on from there once there is room.</summary>
public sealed class FullVolumeTests : IAsyncDisposable
{
    private const int Mebi = 1 << 20;
    private const int Large = 24 * Mebi;
    private const int Files = 40;
    private readonly FileServer _server = new();
    private readonly StringBuilder _sums = new();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_model_for_which_there_is_no_room_is_refused_before_its_first_byte()
    {
        using var volume = SmallVolume.OnDisk(8);
        Add("model.safetensors", Large);

        var run = await FetchAsync(volume);

        run.Code.Should().Be(ExitCode.CannotWrite, run.Errors);
        run.ErrorLines[^1].Should().MatchRegex("has [0-8] MiB free and 24 MiB are still to be fetched, so (1[6-9]|2[0-4]) MiB are missing");
        _server.Requests.Should().NotContain(request => request.Method == "GET" && request.Path.EndsWith("safetensors", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_large_file_goes_on_behind_the_blocks_for_which_there_was_room(bool isInMemory)
    {
        using var volume = isInMemory ? SmallVolume.InMemory(40) : SmallVolume.OnDisk(40);
        var content = Add("model.safetensors", Large);
        _server.OnRequest = async request =>
        {
            // Its first 16 MiB have come, and are on the volume.
            if (request.Range is { From: > 0 })
                volume.Fill();
            await request.ServeAsync();
        };

        var full = await FetchAsync(volume, "--connections", "1");

        SaysThatItIsFull(full);
        full.Output.Should().BeEmpty();
        volume.MakeRoom();
        _server.OnRequest = null;
        var asked = _server.Requests.Count;
        var again = await FetchAsync(volume, "--connections", "1");
        again.Code.Should().Be(ExitCode.Done, again.Errors);
        File.ReadAllBytes(Path.Combine(again.Lines.Single(), "model.safetensors")).Should().Equal(content);
        _server.Requests.Skip(asked).Where(request => request.Path.EndsWith("safetensors", StringComparison.Ordinal) && request.Method == "GET").Sum(request => request.Span.Length)
            .Should().BeLessThanOrEqualTo(Large - (15 * Mebi), "what had arrived was kept");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Small_files_for_which_there_was_room_are_kept(bool isInMemory)
    {
        using var volume = isInMemory ? SmallVolume.InMemory(8) : SmallVolume.OnDisk(8);
        var contents = Enumerable.Range(0, Files).ToDictionary(file => $"part-{file:00}.json", file => Add($"part-{file:00}.json", 20_000 + file));
        var served = 0;
        _server.OnRequest = async request =>
        {
            if (request.Method == "GET" && contents.ContainsKey(Path.GetFileName(request.Path)) && Interlocked.Increment(ref served) == Files / 2)
                volume.Fill();
            await request.ServeAsync();
        };

        var full = await FetchAsync(volume, "--connections", "1");

        SaysThatItIsFull(full);
        volume.MakeRoom();
        _server.OnRequest = null;
        var asked = _server.Requests.Count;
        var again = await FetchAsync(volume, "--connections", "1");
        again.Code.Should().Be(ExitCode.Done, again.Errors);
        foreach (var (name, content) in contents)
            File.ReadAllBytes(Path.Combine(again.Lines.Single(), name)).Should().Equal(content);
        _server.Requests.Skip(asked).Count(request => request.Method == "GET" && contents.ContainsKey(Path.GetFileName(request.Path)))
            .Should().BeLessThan(Files, "what had arrived was kept");
    }

    [Fact]
    public async Task A_view_without_room_for_its_links_leaves_the_model_whole()
    {
        using var cache = new TemporaryFolder();
        using var volume = SmallVolume.OfNames(6);
        foreach (var file in Enumerable.Range(0, 10))
            Add($"part-{file}.json", 1000 + file);

        var full = await ProgramRun.Of("fetch", Reference, "--cache", cache.Path, "--view", volume.Path, "--progress", "none");

        SaysThatItIsFull(full);
        volume.AllowNames(200);
        var asked = _server.Requests.Count;
        var again = await ProgramRun.Of("fetch", Reference, "--cache", cache.Path, "--view", volume.Path, "--progress", "none");
        again.Code.Should().Be(ExitCode.Done, again.Errors);
        Directory.EnumerateFiles(again.Lines.Single()).Should().HaveCount(10);
        _server.Requests.Should().HaveCount(asked, "the model was complete");
    }

    private static void SaysThatItIsFull(ProgramRun run)
    {
        run.Code.Should().Be(ExitCode.CannotWrite, run.Errors);
        run.ErrorLines[^1].Should().Contain("the volume is full");
    }

    private string Reference => _server.Address("/model/").OriginalString;

    private Task<ProgramRun> FetchAsync(SmallVolume volume, params string[] options) =>
        ProgramRun.Of(["fetch", Reference, "--cache", Path.Combine(volume.Path, "cache"), "--progress", "none", "--refresh", "0s", .. options]);

    private byte[] Add(string name, int length)
    {
        var content = EngineAtWork.Noise(length, seed: length);
        _server.Add($"/model/{name}", content);
        _sums.Append(Convert.ToHexStringLower(SHA256.HashData(content))).Append("  ").Append(name).Append('\n');
        _server.Add("/model/SHA256SUMS", Encoding.ASCII.GetBytes(_sums.ToString()));
        return content;
    }
}
