using System.Diagnostics;
using Stevedore.Smoke.Tests.Support;

namespace Stevedore.Smoke.Tests;

/// <summary>A tenant's folder on a shared volume, as the webhook asks for it.</summary>
public sealed class TenantTests : IAsyncLifetime
{
    private const UnixFileMode FolderMode = (UnixFileMode)0x1ED; // 0755
    private const UnixFileMode FileMode = (UnixFileMode)0x1A4; // 0644
    private Quay _quay = null!;

    public async ValueTask InitializeAsync()
    {
        _quay = await Quay.OpenAsync();
        _quay.Publish(2 << 20);
    }

    public ValueTask DisposeAsync() => _quay.DisposeAsync();

    [Fact]
    public async Task It_is_made_for_all_to_read_and_for_its_maker_to_write_whatever_the_umask_says()
    {
        Directory.CreateDirectory(_quay["volume"]);
        var cache = _quay["volume/ns/team-a"];
        var start = new ProcessStartInfo("sh", ["-c", "umask 077 && exec \"$@\"", "sh", Fetcher.Path, "fetch", Quay.Model, "--cache", cache, "--mark", "default/vllm-0", "--progress", "none"]);
        foreach (var (name, value) in _quay.Environment)
            start.Environment[name] = value;
        using var fetch = Process.Start(start)!;
        await fetch.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token);
        fetch.ExitCode.Should().Be(0);
        foreach (var folder in Directory.EnumerateDirectories(_quay["volume/ns"], "*", SearchOption.AllDirectories).Append(_quay["volume/ns"]))
            File.GetUnixFileMode(folder).Should().Be(FolderMode, folder);
        foreach (var file in Directory.EnumerateFiles(cache, "*", SearchOption.AllDirectories).Where(path => new FileInfo(path).LinkTarget is null))
            File.GetUnixFileMode(file).Should().Be(FileMode, file);
    }

    [Fact]
    public async Task The_views_links_hold_where_the_workload_mounts_it()
    {
        var cache = _quay["volume/ns/team-a"];
        var seen = _quay["seen"];
        var run = await _quay.RunAsync("fetch", Quay.Model, "--cache", cache, "--cache-seen-as", seen, "--view", _quay["view"]);
        run.Code.Should().Be(0, run.Errors);
        new FileInfo(Path.Combine(run.Lines[0], "model.safetensors")).LinkTarget.Should().StartWith(seen + "/hub/");
        Directory.CreateSymbolicLink(seen, cache); // the subPath mount
        (await File.ReadAllBytesAsync(Path.Combine(run.Lines[0], "model.safetensors"))).Should().HaveCount(2 << 20);
    }
}
