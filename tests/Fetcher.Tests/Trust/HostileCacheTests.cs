using System.Diagnostics;
using System.Text.Json;
using Stevedore.Contract;
using Stevedore.Contract.Layout;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Fetching;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Publishing;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Tests.Fetching;
using Stevedore.Fetcher.Tests.Support;

namespace Stevedore.Fetcher.Tests.Trust;

/// <summary>Things that somebody planted in a cache: none of them makes a fetcher write, link or remove anything outside of it, or wait for ever.</summary>
public sealed class HostileCacheTests : IDisposable
{
    private const string Model = "hub/models--owner--model";
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    private readonly TemporaryFolder _folder = new();
    private readonly ScriptedSource _source = new(ModelReference.Parse("hf://owner/model").OrThrow());

    public HostileCacheTests()
    {
        _source.Publish(("config.json", "{}"), ("deep/weights.safetensors", "weights"));
        Directory.CreateDirectory(_folder["outside"]);
        File.WriteAllText(_folder["outside/precious"], "precious");
    }

    private CacheLayout Cache => new(_folder["cache"]);

    private string Snapshot => $"{Model}/snapshots/{_source.Current}";

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(".stevedore")]
    [InlineData(".stevedore/leases")]
    [InlineData(".stevedore/partial")]
    [InlineData(".stevedore/fetchers")]
    [InlineData(".stevedore/intents")]
    [InlineData(".stevedore/marks")]
    [InlineData(".stevedore/trash")]
    [InlineData(".stevedore/versions")]
    [InlineData(".stevedore/versions/hub")]
    [InlineData("hub")]
    [InlineData(Model)]
    [InlineData(Model + "/blobs")]
    [InlineData(Model + "/refs")]
    [InlineData(Model + "/snapshots")]
    [InlineData(Model + "/snapshots/COMMIT")]
    [InlineData(Model + "/snapshots/COMMIT/deep")]
    public async Task A_link_in_a_folders_place_is_refused_and_nothing_is_written_where_it_leads(string planted)
    {
        var path = Path.Combine(Cache.Root, planted.Replace("COMMIT", _source.Current, StringComparison.Ordinal));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.CreateSymbolicLink(path, _folder["outside"]);
        var fetch = () => FlowRun.Of(_source, Cache.Root, command => command with { Mark = "a pod" });
        var refusal = (await fetch.Should().ThrowAsync<FetchException>()).Which;
        refusal.Code.Should().Be(ExitCode.CannotWrite);
        refusal.Message.Should().Contain(path);
        OutsideIsUntouched();
    }

    [Theory]
    [InlineData("complete.default.json")]
    [InlineData("manifest.json")]
    public async Task A_pipe_in_a_records_place_counts_as_no_record(string name)
    {
        await Fetch();
        var record = Directory.EnumerateFiles(Cache.Records, name, SearchOption.AllDirectories).Single();
        File.Delete(record);
        MakePipe(record);
        (await Fetch()).Should().ContainSingle();
        new VerifyFlow(Cache, new FetchMeter()).Run([], default).Should().OnlyContain(version => version.Wrong.Count == 0);
    }

    [Theory]
    [InlineData(Model + "/refs/main")]
    [InlineData(".stevedore/versions/hub/models--owner--model/resolved.main.default.json")]
    public async Task A_pipe_in_the_place_of_what_a_revision_means_is_replaced(string planted)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Cache.Root, planted))!);
        MakePipe(Path.Combine(Cache.Root, planted));
        await Fetch();
        Libc.Look(Path.Combine(Cache.Root, planted))!.Value.Kind.Should().Be(EntryKind.File);
    }

    [Fact]
    public async Task A_record_that_climbs_out_of_its_version_is_none_and_verify_removes_nothing_by_it()
    {
        await Fetch();
        var record = Directory.EnumerateFiles(Cache.Records, "complete.*", SearchOption.AllDirectories).Single();
        var climbing = string.Concat(Enumerable.Repeat("../", 5)) + "outside/precious";
        var forged = new Completion("hf://owner/model", _source.Current!, "default", DateTimeOffset.UtcNow, [new ManifestFile(climbing, 8, new ContentDigest(DigestAlgorithm.Sha256, new string('0', 64)))]);
        File.WriteAllBytes(record, JsonSerializer.SerializeToUtf8Bytes(forged, RecordsJson.Default.Completion));
        File.Exists(Path.Combine(Cache.Root, Snapshot, climbing)).Should().BeTrue("the forgery must lead somewhere");
        new VerifyFlow(Cache, new FetchMeter()).Run([], default).Should().BeEmpty();
        OutsideIsUntouched();
    }

    [Fact]
    public async Task A_digest_that_climbs_is_none_either()
    {
        await Fetch();
        var record = Directory.EnumerateFiles(Cache.Records, "complete.*", SearchOption.AllDirectories).Single();
        var forged = new Completion("hf://owner/model", _source.Current!, "default", DateTimeOffset.UtcNow, [new ManifestFile("config.json", 8, new ContentDigest(DigestAlgorithm.Sha256, "../../../../outside/precious"))]);
        File.WriteAllBytes(record, JsonSerializer.SerializeToUtf8Bytes(forged, RecordsJson.Default.Completion));
        new VerifyFlow(Cache, new FetchMeter()).Run([], default).Should().BeEmpty();
        OutsideIsUntouched();
    }

    [Fact]
    public async Task A_record_of_unbearable_length_is_none()
    {
        await Fetch();
        var record = Directory.EnumerateFiles(Cache.Records, "complete.*", SearchOption.AllDirectories).Single();
        using (var file = File.OpenHandle(record, FileMode.Open, FileAccess.Write))
            RandomAccess.SetLength(file, 1L << 40);
        new VersionRecords(Cache).Completions().Should().BeEmpty();
        (await Fetch()).Should().ContainSingle();
        new VersionRecords(Cache).Completions().Should().ContainSingle();
    }

    [Fact]
    public async Task A_blob_that_is_a_link_is_fetched_and_replaced_and_not_written_through()
    {
        var blob = Path.Combine(Cache.BlobsOf(Model), Digest("weights"));
        Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
        File.CreateSymbolicLink(blob, _folder["outside/precious"]);
        await Fetch();
        new FileInfo(blob).LinkTarget.Should().BeNull();
        File.ReadAllText(Path.Combine(Cache.Root, Snapshot, "deep/weights.safetensors")).Should().Be("weights");
        OutsideIsUntouched();
    }

    private static string Digest(string content) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(content)));

    private static void MakePipe(string path)
    {
        using var mkfifo = Process.Start("mkfifo", [path]);
        mkfifo.WaitForExit();
        mkfifo.ExitCode.Should().Be(0);
    }

    private async Task<IReadOnlyList<string>> Fetch() => await Task.Run(() => FlowRun.Of(_source, Cache.Root)).WaitAsync(Longest);

    private void OutsideIsUntouched()
    {
        Directory.EnumerateFileSystemEntries(_folder["outside"]).Should().Equal(_folder["outside/precious"]);
        File.ReadAllText(_folder["outside/precious"]).Should().Be("precious");
        File.GetUnixFileMode(_folder["outside"]).Should().HaveFlag(UnixFileMode.UserWrite);
    }
}
