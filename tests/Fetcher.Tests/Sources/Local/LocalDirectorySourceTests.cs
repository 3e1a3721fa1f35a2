using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Stevedore.Contract;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Sources;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Tests.Sources.Local;

public sealed class LocalDirectorySourceTests : IDisposable
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private readonly ModelFolder _folder = new();
    private readonly SourceSetup _sources = new();

    public void Dispose()
    {
        _sources.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Lists_every_file_with_its_size_and_time()
    {
        _folder.Add("config.json", "{}").Add("deep/größe.safetensors", "weights").Add("empty.txt", "").Add(".git/objects/pack", "twice");

        var manifest = await Source().ListAsync();

        manifest.Files.Select(file => (file.Path, file.Size)).Should().Equal(("config.json", 2), ("deep/größe.safetensors", 7), ("empty.txt", 0));
        manifest.Files.Should().OnlyContain(file => file.Digest == null && file.Validator!.Contains('.'));
        (await ReadAsync(manifest, "deep/größe.safetensors", 2, 5)).Should().Be("igh");
    }

    [Fact]
    public async Task Takes_what_SHA256SUMS_names_and_nothing_else()
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData("{}"u8));
        _folder.Add("config.json", "{}").Add("unnamed.txt").Add("SHA256SUMS", $"{digest}  config.json\n");

        (await Source().ListAsync()).Files.Should().Equal(new ManifestFile("config.json", 2, new ContentDigest(DigestAlgorithm.Sha256, digest)));
    }

    [Fact]
    public async Task A_file_that_SHA256SUMS_names_and_that_is_not_there_is_66()
    {
        _folder.Add("SHA256SUMS", $"{new string('a', 64)}  config.json\n");

        (await FailureAsync()).Should().Match<FetchException>(failure => failure.Code == ExitCode.NotFound && failure.Message.Contains("config.json"));
    }

    [Fact]
    public async Task Links_inside_the_directory_are_followed()
    {
        _folder.Add("store/blob", "weights").Link("model.safetensors", "store/blob").Link("alias", "store");

        var manifest = await Source().ListAsync();

        manifest.Files.Select(file => (file.Path, file.Size)).Should().Equal(("alias/blob", 7), ("model.safetensors", 7), ("store/blob", 7));
    }

    [Theory]
    [InlineData("/etc/hostname")]
    [InlineData("../outside")]
    [InlineData("/etc")]
    public async Task Links_out_of_the_directory_are_refused(string target)
    {
        _folder.Add("outside", "secret").AddFolder("model").Link("model/config.json", target);

        var failure = await FailureAsync("model/");

        failure.Code.Should().Be(ExitCode.WrongContent);
        failure.Message.Should().Contain("config.json").And.Contain("leads out of the directory");
    }

    [Fact]
    public async Task A_link_that_was_turned_outside_after_the_list_is_refused_when_it_is_read()
    {
        _folder.Add("outside", "content").Add("model/inside").Link("model/config.json", "inside");
        var source = Source("model/");
        var manifest = await source.ListAsync();
        File.Delete(_folder.PathOf("model/config.json"));
        _folder.Link("model/config.json", "../outside");

        var origin = source.OriginOf(manifest.Version, manifest.Files.Single(file => file.Path == "config.json"));

        origin.Invoking(it => it.Read(0, 2)).Should().Throw<TransferException>().Which.Final!.Code.Should().Be(ExitCode.WrongContent);
    }

    [Fact]
    public async Task A_directory_that_is_a_link_itself_is_what_it_leads_to()
    {
        _folder.Add("real/config.json", "{}").Link("current", "real");

        (await Source("current/").ListAsync()).Files.Should().ContainSingle().Which.Path.Should().Be("config.json");
    }

    [Fact]
    public async Task A_snapshot_of_a_Hub_cache_leads_to_its_own_blobs_which_are_named_by_their_digests()
    {
        var sha256 = Convert.ToHexStringLower(SHA256.HashData("weights"u8));
        var sha1 = new string('b', 40);
        _folder.Add($"models--a--b/blobs/{sha256}", "weights").Add($"models--a--b/blobs/{sha1}", "{}").Add("models--a--c/blobs/x", "another's")
            .Link($"models--a--b/snapshots/{Commit}/model.safetensors", $"../../blobs/{sha256}")
            .Link($"models--a--b/snapshots/{Commit}/deep/config.json", $"../../../blobs/{sha1}");

        (await Source($"models--a--b/snapshots/{Commit}/").ListAsync()).Files.Should().Equal(
            new ManifestFile("deep/config.json", 2, new ContentDigest(DigestAlgorithm.GitSha1, sha1)),
            new ManifestFile("model.safetensors", 7, new ContentDigest(DigestAlgorithm.Sha256, sha256)));

        _folder.Link($"models--a--b/snapshots/{Commit}/stolen", "../../../models--a--c/blobs/x");
        (await FailureAsync($"models--a--b/snapshots/{Commit}/")).Code.Should().Be(ExitCode.WrongContent);
    }

    [Fact]
    public async Task A_link_that_leads_nowhere_matters_only_where_it_is_wanted()
    {
        _folder.Add("config.json").Link("notes.onnx", "missing");
        (await Source().ListAsync()).Files.Should().ContainSingle();

        _folder.Link("model.safetensors", "missing");

        (await FailureAsync()).Should().Match<FetchException>(failure => failure.Code == ExitCode.NotFound && failure.Message.Contains("model.safetensors"));
    }

    [Fact]
    public async Task A_circle_of_folders_ends()
    {
        _folder.Add("config.json").Link("deep/circle", "..");

        (await FailureAsync()).Message.Should().Contain("circle");
    }

    [Fact]
    public async Task What_is_no_ordinary_file_is_left_alone()
    {
        _folder.Add("config.json");
        using (var made = Process.Start("mkfifo", _folder.PathOf("pipe.safetensors")))
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        File.Exists(_folder.PathOf("pipe.safetensors")).Should().BeTrue();

        (await Source().ListAsync()).Files.Should().ContainSingle().Which.Path.Should().Be("config.json");
    }

    [Fact]
    public async Task A_directory_that_is_missing_or_empty_or_a_file_is_66()
    {
        _folder.AddFolder("empty").Add("file");

        foreach (var path in new[] { "missing/", "empty/", "file/" })
            (await FailureAsync(path)).Should().Match<FetchException>(failure => failure.Code == ExitCode.NotFound && failure.Message.Contains(path), path);
    }

    [Fact]
    public async Task A_directory_that_may_not_be_read_is_77()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "root may read everything");
        _folder.Add("closed/config.json");
        File.SetUnixFileMode(_folder.PathOf("closed"), UnixFileMode.None);
        try
        {
            (await FailureAsync("closed/")).Code.Should().Be(ExitCode.NoPermission);
        }
        finally
        {
            File.SetUnixFileMode(_folder.PathOf("closed"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public async Task A_file_that_changed_since_the_list_is_another_one()
    {
        _folder.Add("config.json", "{}");
        var source = Source();
        var manifest = await source.ListAsync();
        var origin = source.OriginOf(manifest.Version, manifest.Files.Single());
        File.SetLastWriteTimeUtc(_folder.PathOf("config.json"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        origin.Invoking(it => it.Read(0, 2)).Should().Throw<TransferException>().Which.Fault.Should().Be(TransferFault.Changed);
        (await source.ListAsync()).Version.Should().NotBe(manifest.Version);
    }

    private async Task<string> ReadAsync(ModelManifest manifest, string path, long from, long to) =>
        Encoding.UTF8.GetString(await Source().OriginOf(manifest.Version, manifest.Files.Single(file => file.Path == path)).ReadAsync(from, to));

    private async Task<FetchException> FailureAsync(string path = "") =>
        (await Source(path).Awaiting(source => source.ListAsync()).Should().ThrowAsync<FetchException>()).Which;

    private IModelSource Source(string path = "") => _sources.For($"file://{_folder.Root}/{path}");
}
