using System.Text.Json;
using Stevedore.Smoke.Tests.Support;

namespace Stevedore.Smoke.Tests;

/// <summary>What is done with a cache besides filling it, by the published program: what it writes as JSON was compiled ahead of time.</summary>
public sealed class CacheCommandsTests : IAsyncLifetime
{
    private const int Mebi = 1 << 20;
    private Quay _quay = null!;

    public async ValueTask InitializeAsync()
    {
        _quay = await Quay.OpenAsync();
        _quay.Publish(2 * Mebi);
    }

    public ValueTask DisposeAsync() => _quay.DisposeAsync();

    [Fact]
    public async Task List_shows_what_was_fetched()
    {
        var path = (await _quay.FetchAsync()).Lines[0];
        var table = await _quay.RunAsync("list", "--cache", _quay.Cache);
        table.Lines.Should().HaveCount(3);
        table.Lines[1].Should().StartWith("hf://org/model  ").And.Contain(" main ").And.Contain(" complete ");
        var version = JsonDocument.Parse((await _quay.RunAsync("list", "--cache", _quay.Cache, "-o", "json")).Output).RootElement.EnumerateArray().Single();
        version.GetProperty("path").GetString().Should().Be(path);
        version.GetProperty("complete").GetBoolean().Should().BeTrue();
        version.GetProperty("publishedAt").GetDateTimeOffset().Should().BeCloseTo(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task Verify_withdraws_what_has_rotted_and_fetch_brings_just_that_again()
    {
        var weights = Path.Combine((await _quay.FetchAsync()).Lines[0], "model.safetensors");
        (await _quay.RunAsync("verify", "--cache", _quay.Cache)).Code.Should().Be(0);
        Rot(weights);
        var verify = await _quay.RunAsync("verify", Quay.Model, "--cache", _quay.Cache);
        verify.Code.Should().Be(65);
        verify.Errors.Should().Contain("model.safetensors");
        File.Exists(weights).Should().BeFalse();

        _quay.Hub.ResetLog();
        (await _quay.FetchAsync()).Code.Should().Be(0);
        _quay.Hub.BytesServed.Should().Be(2 * Mebi);
        (await _quay.RunAsync("verify", "--cache", _quay.Cache)).Code.Should().Be(0);
    }

    [Fact]
    public async Task Full_verification_finds_what_has_rotted_before_the_pod_starts()
    {
        var weights = Path.Combine((await _quay.FetchAsync()).Lines[0], "model.safetensors");
        var digest = Quay.DigestOf(File.ReadAllBytes(weights));
        Rot(weights);
        var run = await _quay.FetchAsync("--verification", "full");
        run.Code.Should().Be(0, run.Errors);
        run.ErrorLines.Should().ContainSingle(line => line.StartsWith("warning: model.safetensors", StringComparison.Ordinal));
        Quay.DigestOf(File.ReadAllBytes(weights)).Should().Be(digest);
    }

    [Fact]
    public async Task Progress_as_json_is_json_to_the_last_line()
    {
        var run = await _quay.FetchAsync("--progress", "json");
        var last = run.ErrorLines.Select(line => JsonDocument.Parse(line).RootElement).ToList()[^1];
        last.GetProperty("event").GetString().Should().Be("done");
        last.GetProperty("filesPublished").GetInt32().Should().Be(3);
        last.GetProperty("bytesPresent").GetInt64().Should().Be(last.GetProperty("bytesWanted").GetInt64());
        last.GetProperty("bytesReceived").GetInt64().Should().Be(_quay.Hub.BytesServed);
    }

    [Fact]
    public async Task Help_names_every_command_and_the_version_is_one()
    {
        (await _quay.RunAsync("--help")).Output.Should().ContainAll("fetch", "verify", "list", "prune");
        (await _quay.RunAsync("--version")).Output.Trim().Should().MatchRegex(@"^\d+\.\d+\.\d+$");
    }

    [Fact]
    public async Task Prune_takes_away_what_no_pod_has_marked_and_fetch_brings_it_again()
    {
        await _quay.FetchAsync("--mark", "default/vllm-0/0f2a7c1e-9f43-4d0f-8e55-7a1f0b6c3d21@node");
        JsonDocument.Parse((await _quay.RunAsync("prune", "--cache", _quay.Cache, "--keep", "0", "-o", "json")).Output).RootElement.GetProperty("kept")[0].GetProperty("why").GetString()
            .Should().StartWith("marked by default/vllm-0");
        File.Delete(Directory.EnumerateFiles(Path.Combine(_quay.Cache, ".stevedore", "marks"), "0f2a7c1e-9f43-4d0f-8e55-7a1f0b6c3d21.*").Single());
        var prune = await _quay.RunAsync("prune", "--cache", _quay.Cache, "--keep", "0");
        prune.Code.Should().Be(0, prune.Errors);
        prune.Lines.Should().HaveCount(2);
        _quay.FilesBelow("cache").Should().BeEmpty();
        (await _quay.FetchAsync()).Code.Should().Be(0);
    }

    /// <summary>Changes a byte and nothing that a look at the folder would show.</summary>
    private static void Rot(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        var first = file.ReadByte();
        file.Position = 0;
        file.WriteByte((byte)(first ^ 1));
    }
}
