using Stevedore.HubFixture;
using Stevedore.Programs;

namespace Stevedore.Chaos.Tests;

/// <summary>The published fetcher as users that are not root, on volumes as Kubernetes hands them out. It takes a root to become them.</summary>
[Collection("one at a time")]
public sealed class PermissionTests : IAsyncLifetime
{
    private const string Id = "chaos/small";
    private const int CannotWrite = 73;
    private readonly TemporaryFolder _folder = TemporaryFolder.For("stevedore-users");
    private HubServer _hub = null!;

    private static bool IsRoot => Environment.UserName == "root";

    private string Cache => _folder.Sub("volume", "cache");

    public async ValueTask InitializeAsync()
    {
        Open(_folder.Path, "755");
        Directory.CreateDirectory(_folder.Sub("volume"));
        _hub = await HubServer.StartAsync(ct: TestContext.Current.CancellationToken);
        _hub.AddRepository(Id).AddFile("config.json", "{}").AddFile("model.safetensors", new byte[3 << 20], lfs: true).Publish();
        _hub.AddRepository("chaos/other").AddFile("config.json", "{}").Publish();
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("any user on a volume of its own", "12345:12345", "755", "12345", "")]
    [InlineData("a user without a name, in the group that fsGroup gave the volume to", "0:2000", "2775", "12345", "2000")]
    [InlineData("the user that a server squashes root to", "65534:65534", "700", "65534", "")]
    public async Task Writes_as(string whom, string owner, string mode, string user, string group)
    {
        if (!IsRoot)
            Assert.Skip("It takes a root to become another user.");
        Own(_folder.Sub("volume"), owner, mode);
        var end = await FetchAsync(Id, user, group);
        end.Code.Should().Be(0, "{0} can: {1}", whom, string.Join('\n', end.Errors));
        Everything().Should().OnlyContain(path => IsReadableByAllAndWritableByItsOwnerAlone(path), "the fetcher's umask is 077");
        if (group.Length > 0)
            (File.GetUnixFileMode(_folder.Sub("volume", "cache", "hub")) & UnixFileMode.SetGroup).Should().NotBe(0, "what is made later must belong to the volume's group, too");
    }

    [Fact]
    public async Task A_user_that_may_not_write_is_told_so_and_still_uses_what_is_there()
    {
        if (!IsRoot)
            Assert.Skip("It takes a root to become another user.");
        Own(_folder.Sub("volume"), "12345:12345", "755");
        (await FetchAsync(Id, "12345")).Code.Should().Be(0);
        (await FetchAsync(Id, "23456")).Code.Should().Be(0, "all of it is there");
        var end = await FetchAsync("chaos/other", "23456");
        end.Code.Should().Be(CannotWrite);
        end.Errors[^1].Should().Contain("uid 23456").And.Contain("may not write");
    }

    [Fact]
    public async Task A_user_that_may_write_nothing_at_all_is_told_so()
    {
        if (!IsRoot)
            Assert.Skip("It takes a root to become another user.");
        Own(_folder.Sub("volume"), "0:0", "755");
        var end = await FetchAsync(Id, "12345");
        end.Code.Should().Be(CannotWrite);
        end.Errors[^1].Should().Contain("uid 12345").And.Contain("fsGroup");
    }

    private async Task<EndedProgram> FetchAsync(string id, string user, string group = "")
    {
        await using var fetch = ChildProgram.Start(
            "sh",
            [
                "-c", "umask 077 && exec \"$@\"", "sh",
                "setpriv", "--reuid", user, "--regid", user, .. group.Length > 0 ? ["--groups", group] : (string[])["--clear-groups"], "--",
                Fetcher(), "fetch", $"hf://{id}", "--cache", Cache, "--refresh", "0s", "--progress", "none",
            ],
            new Dictionary<string, string> { ["HF_ENDPOINT"] = _hub.Endpoint.OriginalString });
        return await fetch.EndAsync(TestContext.Current.CancellationToken);
    }

    // The checkout may lie where only its owner looks.
    private string Fetcher()
    {
        var copy = _folder.Sub("stevedore-fetcher");
        if (!File.Exists(copy))
            File.Copy(Checkout.Find().Fetcher, copy);
        Open(copy, "755");
        return copy;
    }

    private IEnumerable<string> Everything() => new DirectoryInfo(Cache).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
        .Where(entry => entry.LinkTarget is null).Select(entry => entry.FullName).Append(Cache);

    private static bool IsReadableByAllAndWritableByItsOwnerAlone(string path)
    {
        var mode = File.GetUnixFileMode(path);
        return mode.HasFlag(UnixFileMode.OtherRead | UnixFileMode.GroupRead) && (mode & (UnixFileMode.OtherWrite | UnixFileMode.GroupWrite)) == 0
            && (File.Exists(path) || mode.HasFlag(UnixFileMode.OtherExecute | UnixFileMode.GroupExecute));
    }

    private static void Own(string path, string owner, string mode)
    {
        System.Diagnostics.Process.Start("chown", [owner, path]).WaitForExit();
        Open(path, mode);
    }

    private static void Open(string path, string mode) => System.Diagnostics.Process.Start("chmod", [mode, path]).WaitForExit();
}
