using Stevedore.Contract;
using Stevedore.Contract.Layout;
using Stevedore.Contract.References;
using Stevedore.Contract.Values;
using Stevedore.Fetcher.Locking;
using Stevedore.Fetcher.Publishing;
using Stevedore.Fetcher.Tests.Fetching;
using Stevedore.Fetcher.Tests.Support;
using Stevedore.Fetcher.Upkeep;

namespace Stevedore.Fetcher.Tests.Upkeep;

/// <summary>Prune on a cache that fetches filled.</summary>
public sealed class PruneTests : IDisposable
{
    private const string Model = "hub/models--owner--model";
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private readonly TemporaryFolder _folder = new();
    private readonly ListLog _log = new();
    private readonly ScriptedSource _hub = new(ModelReference.Parse("hf://owner/model").OrThrow());
    private readonly ScriptedSource _web = new(ModelReference.Parse("https://models.example.com/llama/").OrThrow()) { ResolvesByListing = true };

    private CacheLayout Cache => new(_folder["cache"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Keeps_the_last_used_versions_of_each_model_and_what_they_share_with_those_that_go()
    {
        var old = await Fetch(_hub, ("config.json", "1"), ("shared", "shared"), ("old/only", "only the old one has this"));
        var current = await Fetch(_hub, ("config.json", "2"), ("shared", "shared"));
        var report = await Prune(keep: 1);
        var removed = report.Removed.Should().ContainSingle().Which;
        removed.Reference.Should().Be("hf://owner/model");
        removed.Version.Should().Be(old);
        removed.Bytes.Should().BeGreaterThan("only the old one has this".Length);
        Directory.Exists(Path.Combine(Cache.Root, Model, "snapshots", old)).Should().BeFalse();
        Directory.EnumerateFiles(Cache.BlobsOf(Model)).Should().HaveCount(2);
        File.ReadAllText(Path.Combine(Cache.VersionOf(Model, current), "shared")).Should().Be("shared");
        new VersionRecords(Cache).Versions().Should().ContainSingle().Which.Version.Should().Be(current);
        File.ReadAllText(Path.Combine(Cache.RefsOf(Model), "main")).Should().Be(current);
        InternalFolders().Should().BeEmpty("nothing of a prune stays behind");
    }

    [Fact]
    public async Task Says_beforehand_exactly_what_it_does_and_touches_nothing()
    {
        await Fetch(_hub, ("config.json", "1"), ("weights", "weights"));
        await Fetch(_hub, ("config.json", "2"), ("weights", "weights"));
        await Fetch(_web, ("config.json", "1"), ("same", "same"));
        await Fetch(_web, ("config.json", "2"), ("same", "same"));
        var before = Everything();
        var said = await Prune(keep: 1, dryRun: true);
        Everything().Should().Equal(before);
        var done = await Prune(keep: 1);
        done.Should().BeEquivalentTo(said with { DryRun = false });
        done.Removed.Should().HaveCount(2);
        done.BytesFreed.Should().Be(done.Removed.Sum(version => version.Bytes));
        done.BytesLeft.Should().Be(Everything().Sum(file => file.Value));
    }

    [Fact]
    public async Task Counts_the_bytes_of_a_hard_link_only_when_its_last_name_goes()
    {
        await Fetch(_web, ("config.json", "1"), ("weights", new string('w', 5000)));
        await Fetch(_web, ("config.json", "2"), ("weights", new string('w', 5000)));
        (await Prune(keep: 1)).BytesFreed.Should().BeLessThan(5000, "the weights have a name in the other version");
        (await Prune(keep: 0)).BytesFreed.Should().BeGreaterThan(5000);
    }

    [Fact]
    public async Task Removes_the_folders_of_a_model_of_which_nothing_is_left_and_the_next_fetch_brings_it_again()
    {
        var version = await Fetch(_hub, ("config.json", "{}"), ("deep/er/weights", "weights"));
        await Prune(keep: 0);
        Directory.Exists(Path.Combine(Cache.Root, Model)).Should().BeFalse();
        Directory.Exists(Path.Combine(Cache.Records, Model)).Should().BeFalse();
        (await FlowRun.Of(_hub, Cache.Root)).Should().ContainSingle().Which.Should().EndWith(version);
        File.ReadAllText(Path.Combine(Cache.VersionOf(Model, version), "deep/er/weights")).Should().Be("weights");
    }

    [Fact]
    public async Task Leaves_alone_what_a_pod_has_marked_unless_told_otherwise()
    {
        var marked = await Fetch(_hub, ("config.json", "1"));
        new PodMarks(Cache).Set("default/vllm-0", [new MarkedVersion(Model, marked, "default")], DateTimeOffset.UtcNow);
        await Fetch(_hub, ("config.json", "2"));
        var report = await Prune(keep: 0);
        report.Kept.Should().ContainSingle().Which.Should().Match<KeptVersion>(kept => kept.Version == marked && kept.Why.Contains("default/vllm-0"));
        report.Removed.Should().ContainSingle().Which.Version.Should().NotBe(marked);
        File.ReadAllText(Path.Combine(Cache.VersionOf(Model, marked), "config.json")).Should().Be("1");
        (await Prune(keep: 0, ignoreMarks: true)).Removed.Should().ContainSingle().Which.Version.Should().Be(marked);
    }

    [Fact]
    public async Task Leaves_alone_what_a_living_fetcher_relies_on_whichever_version_it_wants_it_for()
    {
        var version = await Fetch(_hub, ("config.json", "{}"), ("weights", "weights"));
        var digest = Digest("weights");
        using (FetchIntent.Declare(Cache, [new IntendedVersion("hf://owner/model", Model, "another", "default", [new IntendedContent(digest, 7)])], TimeSpan.FromMinutes(5), TimeProvider.System))
        {
            (await Prune(keep: 0)).Removed.Should().ContainSingle().Which.Version.Should().Be(version);
            File.Exists(Path.Combine(Cache.BlobsOf(Model), digest)).Should().BeTrue();
            File.Exists(Path.Combine(Cache.BlobsOf(Model), Digest("{}"))).Should().BeFalse();
        }

        await Fetch(_hub, ("config.json", "{}"), ("weights", "weights"));
        using (FetchIntent.Declare(Cache, [new IntendedVersion("hf://owner/model", Model, version, "default", [])], TimeSpan.FromMinutes(5), TimeProvider.System))
            (await Prune(keep: 0)).Kept.Should().ContainSingle().Which.Why.Should().Be("being fetched");
    }

    [Fact]
    public async Task Removes_what_was_not_used_for_so_long()
    {
        var old = await Fetch(_hub, ("config.json", "1"));
        var current = await Fetch(_hub, ("config.json", "2"));
        Age(old, 40 * Day);
        Age(current, 10 * Day);
        (await Prune(unusedFor: 60 * Day)).Removed.Should().BeEmpty();
        (await Prune(unusedFor: 30 * Day, keep: 2)).Removed.Should().BeEmpty("two are kept of each model");
        (await Prune(unusedFor: 30 * Day)).Removed.Should().ContainSingle().Which.Should().Match<RemovedVersion>(version => version.Version == old && version.Why == "unused for 40 d");
    }

    [Fact]
    public async Task Bounds_the_whole_cache_by_what_was_used_least_recently()
    {
        var first = await Fetch(_hub, ("a", new string('a', 3000)));
        var second = await Fetch(_web, ("b", new string('b', 3000)));
        var third = await Fetch(_hub, ("c", new string('c', 3000)));
        Age(first, 1 * Day);
        Age(second, 3 * Day);
        Age(third, 2 * Day);
        (await Prune(maxBytes: 100_000)).Removed.Should().BeEmpty();
        var report = await Prune(maxBytes: 6000);
        report.Removed.Select(version => version.Version).Should().Equal(second, third);
        report.BytesLeft.Should().BeLessThanOrEqualTo(6000);
        report.BytesLeft.Should().Be(Everything().Sum(file => file.Value));
    }

    [Fact]
    public async Task A_time_in_the_future_is_no_age_and_a_clock_that_jumped_removes_nothing()
    {
        var version = await Fetch(_hub, ("config.json", "{}"));
        Age(version, -400 * Day);
        (await Prune(unusedFor: TimeSpan.Zero)).Removed.Should().BeEmpty();
        Age(version, 800 * Day);
        (await Prune(unusedFor: Day)).Removed.Should().BeEmpty();
        _log.Warnings.Should().ContainSingle().Which.Should().Contain("clock");
    }

    [Fact]
    public async Task An_interrupted_fetch_neither_counts_as_kept_nor_pushes_out_what_it_was_to_succeed()
    {
        var complete = await Fetch(_hub, ("config.json", "1"));
        _hub.Publish(("config.json", "2"));
        _hub.OnOrigin = () => throw new IOException("killed");
        var fetch = () => FlowRun.Of(_hub, Cache.Root, command => command with { Refresh = TimeSpan.Zero });
        await fetch.Should().ThrowAsync<IOException>();
        new VersionRecords(Cache).Versions().Should().HaveCount(2);
        (await Prune(keep: 1)).Removed.Should().BeEmpty("the new one is on its way");
        Age(complete, TimeSpan.Zero);
        (await Prune(keep: 1)).Removed.Should().ContainSingle().Which.Version.Should().Be(_hub.Current);
    }

    [Fact]
    public async Task What_others_put_into_the_Hubs_layout_stays_with_the_blobs_that_it_needs()
    {
        var version = await Fetch(_hub, ("config.json", "{}"), ("weights", "weights"));
        var foreign = Path.Combine(Cache.Root, Model, "snapshots", new string('f', 40));
        Directory.CreateDirectory(foreign);
        File.CreateSymbolicLink(foreign + "/weights", "../../blobs/" + Digest("weights"));
        File.WriteAllText(Path.Combine(Cache.BlobsOf(Model), "not-ours"), "not ours");
        (await Prune(keep: 0)).Removed.Should().ContainSingle().Which.Version.Should().Be(version);
        File.ReadAllText(foreign + "/weights").Should().Be("weights");
        Directory.EnumerateFiles(Cache.BlobsOf(Model)).Should().HaveCount(2);
    }

    [Fact]
    public async Task A_version_that_is_used_between_the_plan_and_the_removal_is_spared()
    {
        var version = await Fetch(_hub, ("config.json", "{}"));
        using var licence = RemovalLicence.Grant(Cache, TimeSpan.FromMinutes(5), TimeProvider.System);
        var reader = new CacheInventory(Cache);
        var inventory = reader.Read();
        var nobody = new VersionUses([], []);
        var plan = PrunePlan.Make(inventory, [], new PruneCriteria(0, null, null, false), nobody, new UseClock(DateTimeOffset.UtcNow, null));

        // A warm start: it has found the record, and touches it before the prune takes it away.
        var records = new VersionRecords(Cache);
        File.SetLastWriteTimeUtc(Record(version), DateTime.UtcNow.AddSeconds(5));
        var (removed, spared) = await new VersionRemoval(Cache, licence, reader, () => nobody, false, TimeSpan.Zero, TimeProvider.System)
            .RunAsync(inventory, plan.Removals, nobody, default);
        removed.Should().BeEmpty();
        spared.Should().ContainSingle().Which.Why.Should().Be("used just now");
        records.Completions().Should().ContainSingle("the record is given back");
    }

    [Fact]
    public async Task A_fetch_that_declares_itself_while_a_prune_waits_is_spared_and_goes_on()
    {
        var version = await Fetch(_hub, ("config.json", "{}"));
        using var licence = RemovalLicence.Grant(Cache, TimeSpan.FromMinutes(5), TimeProvider.System);
        var reader = new CacheInventory(Cache);
        var inventory = reader.Read();
        var nobody = new VersionUses([], []);
        var plan = PrunePlan.Make(inventory, [], new PruneCriteria(0, null, null, false), nobody, new UseClock(DateTimeOffset.UtcNow, null));
        Task<IReadOnlyList<string>>? fetch = null;
        var (removed, spared) = await new VersionRemoval(Cache, licence, reader, Uses, false, TimeSpan.FromMinutes(1), TimeProvider.System)
            .RunAsync(inventory, plan.Removals, nobody, default).WaitAsync(TimeSpan.FromMinutes(2));
        removed.Should().BeEmpty();
        spared.Should().ContainSingle().Which.Why.Should().Be("being fetched");
        (await fetch!).Should().ContainSingle().Which.Should().EndWith(version);
        File.ReadAllText(Path.Combine(Cache.VersionOf(Model, version), "config.json")).Should().Be("{}");

        VersionUses Uses()
        {
            fetch ??= Task.Run(() => FlowRun.Of(_hub, Cache.Root));
            return new VersionUses([], [.. FetchIntent.All(Cache).SelectMany(entry => entry.Intent!.Versions)]);
        }
    }

    [Fact]
    public async Task Who_lost_the_licence_removes_nothing_any_more()
    {
        var version = await Fetch(_hub, ("config.json", "{}"));
        using var licence = RemovalLicence.Grant(Cache, TimeSpan.FromMinutes(5), TimeProvider.System);
        Condemnation.Revoke(Cache, licence.Heartbeat.Id);
        var take = () => licence.TryTake($"{Model}/blobs/{Digest("{}")}");
        take.Should().Throw<FetchException>().Which.Code.Should().Be(ExitCode.GaveUpWaiting);
        File.ReadAllText(Path.Combine(Cache.VersionOf(Model, version), "config.json")).Should().Be("{}");
    }

    [Fact]
    public async Task A_prune_that_died_half_way_is_cleared_up_after_and_its_versions_are_complete_again()
    {
        var version = await Fetch(_hub, ("config.json", "{}"));
        var completion = new VersionRecords(Cache).Completions().Single().Completion;
        new Condemnation("dead", [new CondemnedVersion(Model, version, [], false)]).Announce(Cache);
        File.Move(Record(version), Path.Combine(Condemnation.FolderOf(Cache, "dead"), "1"));
        new VersionRecords(Cache).Completions().Should().BeEmpty();
        (await Prune()).Reclaimed.Should().ContainSingle().Which.What.Should().Be("interrupted removal");
        new VersionRecords(Cache).Completions().Should().ContainSingle().Which.Completion.Should().BeEquivalentTo(completion);
        InternalFolders().Should().BeEmpty();
    }

    [Fact]
    public async Task Leftovers_of_the_dead_are_reclaimed_and_those_of_the_living_are_not()
    {
        await Fetch(_hub, ("config.json", "{}"));
        using var living = Heartbeat.Start(Cache, TimeSpan.FromMinutes(5), TimeProvider.System);
        Leave("partial/aaaa.1.dead", 1000);
        Leave("partial/aaaa.1.dead.journal", 10);
        Leave("leases/aaaa.1", "fetch dead ");
        Leave("partial/bbbb.dead.small", 100);
        Leave($"partial/cccc.1.{living.Id}", 1000);
        Leave("leases/cccc.1", $"fetch {living.Id} ");
        Leave($"partial/dddd.{living.Id}.small", 100);
        Leave("intents/dead.json", "{}");
        Leave("probe-0123-a", 0, TimeSpan.FromHours(2));
        Leave("probe-4567-a", 0);
        Leave("versions/x.json.0123456789abcdef0123456789abcdef.tmp", 5, TimeSpan.FromHours(2));
        var foreseen = await Prune(dryRun: true);
        var report = await Prune();
        report.Reclaimed.Should().BeEquivalentTo(foreseen.Reclaimed);
        report.BytesFreed.Should().BeGreaterThanOrEqualTo(1000 + 10 + 100 + 5);
        Directory.EnumerateFiles(Cache.Internal, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Cache.Internal, path))
            .Where(path => !path.StartsWith("versions/hub/", StringComparison.Ordinal)).Should().BeEquivalentTo(
                $"partial/cccc.1.{living.Id}", "leases/cccc.1", $"partial/dddd.{living.Id}.small", "probe-4567-a", $"fetchers/{living.Id}.json");
    }

    [Fact]
    public async Task An_interrupted_fetch_can_be_gone_on_with_for_as_long_as_a_version_may_be_unused()
    {
        await Fetch(_hub, ("config.json", "{}"));
        Leave("partial/aaaa.1.dead", 1000, 2 * Day);
        Leave("leases/aaaa.1", "fetch dead ", 2 * Day);
        (await Prune(unusedFor: 3 * Day)).Reclaimed.Should().BeEmpty();
        (await Prune(unusedFor: 1 * Day)).Reclaimed.Should().ContainSingle().Which.Bytes.Should().Be(1000 + "fetch dead ".Length);
    }

    [Fact]
    public async Task Nothing_that_is_planted_makes_it_remove_anything_outside()
    {
        await Fetch(_hub, ("config.json", "{}"));
        Directory.CreateDirectory(_folder["outside/aaaa"]);
        File.WriteAllText(_folder["outside/precious"], "precious");
        Directory.CreateDirectory(Cache.Trash);
        File.CreateSymbolicLink(Path.Combine(Cache.Internal, "trash", "dead"), _folder["outside"]);
        File.CreateSymbolicLink(Path.Combine(Cache.Internal, "partial", "aaaa.1.dead"), _folder["outside/precious"]);
        File.CreateSymbolicLink(Path.Combine(Cache.BlobsOf(Model), "link"), _folder["outside"]);
        File.CreateSymbolicLink(Path.Combine(Cache.Records, "other"), _folder["outside"]);
        File.CreateSymbolicLink(Path.Combine(Cache.Root, Model, "snapshots", new string('a', 40)), _folder["outside"]);
        await Prune(keep: 0);
        Directory.EnumerateFileSystemEntries(_folder["outside"]).Should().HaveCount(2);
        File.ReadAllText(_folder["outside/precious"]).Should().Be("precious");
    }

    [Theory]
    [InlineData("trash")]
    [InlineData("leases")]
    [InlineData("versions")]
    public async Task A_link_in_the_place_of_its_own_folders_is_refused(string folder)
    {
        await Fetch(_hub, ("config.json", "{}"));
        Directory.CreateDirectory(_folder["outside"]);
        if (Directory.Exists(Path.Combine(Cache.Internal, folder)))
            Directory.Delete(Path.Combine(Cache.Internal, folder), recursive: true);
        File.CreateSymbolicLink(Path.Combine(Cache.Internal, folder), _folder["outside"]);
        var prune = () => Prune(keep: 0);
        (await prune.Should().ThrowAsync<FetchException>()).Which.Code.Should().Be(ExitCode.CannotWrite);
        Directory.EnumerateFileSystemEntries(_folder["outside"]).Should().BeEmpty();
    }

    private static string Digest(string content) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(content)));

    private async Task<string> Fetch(ScriptedSource source, params (string Path, string Content)[] files)
    {
        source.Publish(files);
        return Path.GetFileName((await FlowRun.Of(source, Cache.Root, command => command with { Refresh = TimeSpan.Zero }))[0]);
    }

    private Task<PruneReport> Prune(int? keep = null, TimeSpan? unusedFor = null, long? maxBytes = null, bool ignoreMarks = false, bool dryRun = false) => new PruneFlow(
        Cache, new PruneCriteria(keep, unusedFor, maxBytes is { } bytes ? new ByteSize(bytes) : null, ignoreMarks),
        new PruneSettings(dryRun, TimeSpan.FromSeconds(30), TimeSpan.Zero), _log, TimeProvider.System).RunAsync(default);

    private string Record(string version) =>
        Directory.EnumerateFiles(Cache.Records, "complete.*", SearchOption.AllDirectories).Single(path => path.Contains("/@" + version, StringComparison.Ordinal));

    /// <summary>Makes a version as old as if it had last been used then.</summary>
    private void Age(string version, TimeSpan age)
    {
        foreach (var path in Directory.EnumerateFiles(Path.GetDirectoryName(Record(version))!))
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow - age);
    }

    private void Leave(string path, int bytes, TimeSpan age = default) => Leave(path, new string('x', bytes), age);

    private void Leave(string path, string content, TimeSpan age = default)
    {
        var full = Path.Combine(Cache.Internal, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, content);
        File.SetLastWriteTimeUtc(full, DateTime.UtcNow - age);
    }

    private IEnumerable<string> InternalFolders() => new[] { Cache.Trash, Cache.Fetchers, Cache.Intents, Cache.Leases, Cache.Partials }
        .Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFileSystemEntries(folder));

    private Dictionary<string, long> Everything() => new CacheTree(Cache.Root).Walk().Where(entry => entry.Value.Kind == EntryKind.File)
        .DistinctBy(entry => entry.Value.Inode).ToDictionary(entry => entry.Key, entry => entry.Value.Bytes);
}
