using Stevedore.Contract;
using Stevedore.Contract.CommandLine;
using Stevedore.Contract.Layout;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Fetching;
using Stevedore.Fetcher.Locking;
using Stevedore.Fetcher.Publishing;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Tests.Support;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Tests.Fetching;

/// <summary>What a fetch leaves behind for whoever prunes: marks, last use, and its intent while it runs.</summary>
public sealed class VersionUseTests : IDisposable
{
    private const string Uid = "0f2a7c1e-9f43-4d0f-8e55-7a1f0b6c3d21";
    private const string Pod = $"default/vllm-0/{Uid}@node-7";
    private static readonly DateTime LongAgo = new(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc);
    private readonly TemporaryFolder _folder = new();
    private readonly ListLog _log = new();
    private readonly ScriptedSource _source = new(ModelReference.Parse("hf://owner/model").OrThrow());

    public VersionUseTests() => _source.Publish(("config.json", "{}"), ("weights.safetensors", "weights"));

    private CacheLayout Cache => new(_folder["cache"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_mark_is_a_file_named_by_the_pods_uid_that_names_what_the_pod_was_given()
    {
        await Fetch(Pod);
        var mark = new PodMarks(Cache).All().Should().ContainSingle().Which;
        mark.Id.Should().Be(Pod);
        mark.Versions.Should().Equal(new MarkedVersion("hub/models--owner--model", _source.Current!, "default"));
        Directory.EnumerateFiles(Cache.Marks).Should().ContainSingle().Which.Should().StartWith(Path.Combine(Cache.Marks, Uid + "."));
        File.GetUnixFileMode(Directory.EnumerateFiles(Cache.Marks).Single()).Should().Be(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, "a job of another user must be able to read it");
    }

    [Fact]
    public async Task A_pod_that_starts_again_finds_its_mark_and_one_that_gets_another_version_has_both()
    {
        await Fetch(Pod);
        var first = Directory.EnumerateFiles(Cache.Marks).Single();
        File.SetLastWriteTimeUtc(first, LongAgo);
        await Fetch(Pod);
        File.GetLastWriteTimeUtc(first).Should().Be(LongAgo);

        var old = _source.Current!;
        _source.Publish(("config.json", "2"));
        await Fetch(Pod);
        new PodMarks(Cache).All().SelectMany(mark => mark.Versions).Select(version => version.Version).Should().BeEquivalentTo([old, _source.Current]);
    }

    [Theory]
    [InlineData("default/vllm-0/0F2A7C1E-9f43-4d0f-8e55-7a1f0b6c3d21@node-7", Uid)]
    [InlineData(Uid, Uid)]
    [InlineData("default/vllm-0/../../../etc@node", null)]
    [InlineData("deadbeef", null)]
    [InlineData("my own batch job", null)]
    public void Only_a_uid_is_taken_into_a_files_name_as_it_is(string id, string? name)
    {
        var pod = PodMarks.PodOf(id);
        if (name is null)
            pod.Should().MatchRegex("^id-[0-9a-f]{32}$");
        else
            pod.Should().Be(name);
    }

    [Fact]
    public async Task A_mark_that_can_not_be_written_is_a_warning_and_the_pod_starts()
    {
        await Fetch(null);
        File.WriteAllText(Cache.Marks, "a file in the folder's place");
        (await Fetch(Pod)).Should().ContainSingle();
        _log.Warnings.Should().ContainSingle().Which.Should().Contain(Pod).And.Contain("hf://owner/model");
    }

    [Fact]
    public async Task A_mark_that_can_not_be_read_stops_whoever_asks_what_is_marked()
    {
        await Fetch(Pod);
        File.WriteAllText(Directory.EnumerateFiles(Cache.Marks).Single(), "{");
        var all = () => new PodMarks(Cache).All();
        all.Should().Throw<FetchException>().Which.Code.Should().Be(ExitCode.WrongContent);
    }

    [Fact]
    public async Task A_warm_start_notes_the_last_use()
    {
        await Fetch(null);
        var record = Directory.EnumerateFiles(Cache.Records, "complete.*", SearchOption.AllDirectories).Single();
        File.SetLastWriteTimeUtc(record, LongAgo);
        var opens = _source.Opens;
        await Fetch(null);
        File.GetLastWriteTimeUtc(record).Should().BeAfter(LongAgo.AddYears(1));
        _source.Opens.Should().Be(opens);
    }

    [Fact]
    public async Task A_version_that_is_being_removed_can_not_be_claimed()
    {
        await Fetch(null);
        var records = new VersionRecords(Cache);
        var (folder, completion) = records.Completions().Single();
        records.TryTouch(folder, completion).Should().BeTrue();
        records.TryForget(folder, completion).Should().BeTrue();
        records.TryTouch(folder, completion).Should().BeFalse();
    }

    [Fact]
    public async Task An_intent_stands_before_content_is_looked_at_and_is_gone_afterwards()
    {
        IReadOnlyList<(string Owner, Intent? Intent)> meanwhile = [];
        _source.OnOrigin = () => meanwhile = FetchIntent.All(Cache);
        await Fetch(null);
        var version = meanwhile.Should().ContainSingle().Which.Intent!.Versions.Should().ContainSingle().Which;
        version.Version.Should().Be(_source.Current);
        version.Contents.Should().HaveCount(2);
        FetchIntent.All(Cache).Should().BeEmpty();
        Directory.EnumerateFiles(Cache.Fetchers).Should().BeEmpty();
    }

    [Fact]
    public async Task A_fetch_waits_while_a_living_prune_is_about_to_remove_what_it_wants()
    {
        Directory.CreateDirectory(Cache.Root);
        using var prune = Heartbeat.Start(Cache, TimeSpan.FromMinutes(5), TimeProvider.System);
        Condemn(prune.Id);
        var hurried = () => Fetch(null, command => command with { Wait = TimeSpan.FromMilliseconds(1) });
        (await hurried.Should().ThrowAsync<FetchException>()).Which.Code.Should().Be(ExitCode.GaveUpWaiting);
        _source.Opens.Should().Be(0);

        var fetch = Fetch(null);
        Directory.Delete(Condemnation.FolderOf(Cache, prune.Id), recursive: true);
        (await fetch.WaitAsync(TimeSpan.FromMinutes(2))).Should().ContainSingle();
    }

    [Fact]
    public async Task A_dead_prune_loses_its_licence_to_remove()
    {
        Condemn("dead");
        await Fetch(null);
        Directory.Exists(Condemnation.FolderOf(Cache, "dead")).Should().BeFalse("what it moves there by that name must fail from now on");
        Directory.Exists(Condemnation.FolderOf(Cache, "dead") + Condemnation.Revoked).Should().BeTrue();
    }

    [Fact]
    public async Task What_a_run_found_complete_is_relied_on_while_it_fetches_the_rest()
    {
        await Fetch(null);
        var other = new ScriptedSource(ModelReference.Parse("hf://owner/other").OrThrow());
        other.Publish(("config.json", "other"));
        IReadOnlyList<(string Owner, Intent? Intent)> meanwhile = [];
        other.OnOrigin = () => meanwhile = FetchIntent.All(Cache);
        var meter = new FetchMeter();
        var command = new FetchCommand([_source.Reference, other.Reference], Cache.Root);
        var engine = new TransferEngine(Cache, new EngineSettings(2, null, null), new Backoff(Random.Shared, TimeProvider.System), meter, TimeProvider.System);
        await new FetchFlow(command, reference => reference == other.Reference ? other : _source, engine, _log, meter, TimeProvider.System).RunAsync(default);
        meanwhile.Should().ContainSingle().Which.Intent!.Versions.Select(version => version.Reference).Should().Equal("hf://owner/model", "hf://owner/other");
    }

    private void Condemn(string owner) =>
        new Condemnation(owner, [new CondemnedVersion("hub/models--owner--model", _source.Current!, [], WithModel: false)]).Announce(Cache);

    private Task<IReadOnlyList<string>> Fetch(string? mark, Func<FetchCommand, FetchCommand>? change = null) => FlowRun.Of(
        _source, _folder["cache"], _log, command => (change?.Invoke(command) ?? command) with { Mark = mark, Refresh = TimeSpan.Zero });
}
