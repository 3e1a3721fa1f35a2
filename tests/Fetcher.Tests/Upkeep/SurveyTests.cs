using Stevedore.Contract.Layout;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Locking;
using Stevedore.Fetcher.Publishing;
using Stevedore.Fetcher.Tests.Fetching;
using Stevedore.Fetcher.Tests.Support;
using Stevedore.Fetcher.Transfer;
using Stevedore.Fetcher.Upkeep;

namespace Stevedore.Fetcher.Tests.Upkeep;

/// <summary>What list tells of sizes that are shared, of fetches in progress, and of those that were interrupted.</summary>
public sealed class SurveyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ScriptedSource _source = new(ModelReference.Parse("hf://owner/model").OrThrow());

    private CacheLayout Cache => new(_folder["cache"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_two_versions_share_is_in_the_size_of_both_and_in_what_neither_frees_alone()
    {
        await Fetch(("config.json", "1"), ("shared", new string('s', 100_000)));
        await Fetch(("config.json", "2"), ("shared", new string('s', 100_000)));
        var versions = Versions();
        versions.Should().HaveCount(2).And.OnlyContain(version => version.Complete && version.Bytes == 100_001 && version.BytesOwn < 10_000);
        new ContentLedger(new CacheInventory(Cache).Read(), [], []).Bytes.Should().BeLessThan(110_000, "shared bytes are there once");
    }

    [Fact]
    public async Task A_fetch_in_progress_is_shown_with_who_does_it_and_how_far_it_is()
    {
        var content = new byte[4 << 20];
        var file = new Stevedore.Fetcher.Manifests.ManifestFile("weights", content.Length, Sha(content));
        await Fetch(("config.json", "{}"));
        _source.PublishBytes(("config.json", "{}"u8.ToArray()), ("weights", content));
        new VersionRecords(Cache).Keep("hub/models--owner--model", new Stevedore.Fetcher.Manifests.ModelManifest(_source.Current!, [new("config.json", 2, Sha("{}"u8)), file]), "default");
        using var intent = FetchIntent.Declare(
            Cache, [new IntendedVersion("hf://owner/model", "hub/models--owner--model", _source.Current!, "default", [new(Sha("{}"u8).Hex, 2), new(file.Digest!.Hex, file.Size)])],
            TimeSpan.FromMinutes(5), TimeProvider.System);
        Directory.CreateDirectory(Cache.Partials);
        using (var journal = Journal.Create(Path.Combine(Cache.Partials, $"{file.Digest.Hex}.1.{intent.Heartbeat.Id}.journal"), "any", file.Size))
            journal.MarkWritten(2);

        var version = Versions().Single(version => !version.Complete);
        version.Version.Should().Be(_source.Current);
        version.PublishedAt.Should().BeNull();
        version.Files.Should().Be(2);
        var fetch = version.InProgress.Should().ContainSingle().Which;
        fetch.Owner.Should().Contain(intent.Heartbeat.Id).And.Contain(Environment.MachineName);
        fetch.BytesPresent.Should().Be(2 + (1 << 20));
        fetch.BytesWanted.Should().Be(2 + file.Size);
    }

    [Fact]
    public async Task An_interrupted_fetch_is_shown_by_what_it_left()
    {
        _source.Publish(("config.json", "{}"), ("weights", "weights"));
        _source.OnOrigin = () => throw new IOException("killed");
        var fetch = () => FlowRun.Of(_source, Cache.Root);
        await fetch.Should().ThrowAsync<IOException>();
        var version = Versions().Should().ContainSingle().Which;
        version.Should().Match<CachedVersion>(found => !found.Complete && found.PublishedAt == null && found.InProgress.Count == 0 && found.Bytes == 0);
    }

    private static Stevedore.Fetcher.Manifests.ContentDigest Sha(ReadOnlySpan<byte> content) =>
        new(Stevedore.Fetcher.Manifests.DigestAlgorithm.Sha256, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)));

    private List<CachedVersion> Versions()
    {
        var inventory = new CacheInventory(Cache).Read();
        var watch = new CacheWatch(Cache, TimeProvider.System);
        return [.. new CacheSurvey(Cache, inventory, watch.Fetches(), new PodMarks(Cache).All(), watch.Arrived(inventory)).Versions()];
    }

    private Task Fetch(params (string Path, string Content)[] files)
    {
        _source.Publish(files);
        return FlowRun.Of(_source, Cache.Root, command => command with { Refresh = TimeSpan.Zero });
    }
}
