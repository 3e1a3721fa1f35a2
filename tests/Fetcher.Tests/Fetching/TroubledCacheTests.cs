using Stevedore.Contract;
using Stevedore.Contract.CommandLine;
using Stevedore.Contract.Layout;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Fetching;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Tests.Support;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Tests.Fetching;

/// <summary>Caches that somebody else has been at, and sources that give out half-way.</summary>
public sealed class TroubledCacheTests : IDisposable
{
    private static readonly ModelReference Hub = ModelReference.Parse("hf://owner/model").OrThrow();
    private readonly TemporaryFolder _folder = new();
    private readonly ListLog _log = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Leaves_a_snapshot_of_real_files_alone_since_they_are_the_only_copy()
    {
        var source = new ScriptedSource(Hub);
        var commit = source.Publish(("config.json", "{}"));
        Directory.CreateDirectory(Snapshot(commit));
        File.WriteAllText(Snapshot(commit) + "/config.json", "{}");
        await Fetch(source);
        File.ReadAllText(Snapshot(commit) + "/config.json").Should().Be("{}");
        new VerifyFlow(new CacheLayout(_folder["cache"]), new FetchMeter()).Run([], default).Should().ContainSingle().Which.Wrong.Should().BeEmpty();
    }

    [Theory]
    [InlineData("/etc/hostname")]
    [InlineData(null)]
    public async Task A_name_that_leads_elsewhere_or_is_gone_is_found_and_mended(string? elsewhere)
    {
        var source = new ScriptedSource(Hub);
        var commit = source.Publish(("config.json", "{}"));
        await Fetch(source);
        File.Delete(Snapshot(commit) + "/config.json");
        if (elsewhere is not null)
            File.CreateSymbolicLink(Snapshot(commit) + "/config.json", elsewhere);

        var verify = new VerifyFlow(new CacheLayout(_folder["cache"]), new FetchMeter());
        verify.Run([], default).Should().ContainSingle().Which.Wrong.Should().ContainSingle().Which.Path.Should().Be(Snapshot(commit) + "/config.json");
        await Fetch(source);
        File.ReadAllText(Snapshot(commit) + "/config.json").Should().Be("{}");
        source.Opens.Should().Be(1, "the content was there all along");
    }

    [Fact]
    public async Task Full_verification_takes_nothing_rotten_from_an_earlier_version()
    {
        var web = new ScriptedSource(ModelReference.Parse("https://models.example.com/llama/").OrThrow()) { ResolvesByListing = true };
        web.Publish(("config.json", "1"), ("weights.safetensors", "weights"));
        await Fetch(web);
        web.Publish(("config.json", "2"), ("weights.safetensors", "weights"));
        var path = (await Fetch(web, command => command with { Refresh = TimeSpan.Zero }))[0];
        File.WriteAllText(path + "/weights.safetensors", "WEIGHTS");
        await Fetch(web, command => command with { Verification = Verification.Full });
        File.ReadAllText(path + "/weights.safetensors").Should().Be("weights");
    }

    [Fact]
    public async Task Goes_on_with_the_complete_version_when_the_content_of_the_new_one_can_not_be_had()
    {
        var source = new ScriptedSource(Hub);
        var old = source.Publish(("config.json", "1"));
        await Fetch(source);
        source.Publish(("config.json", "2"));
        source.ContentTrouble = new TransferException(TransferFault.Transient, "cdn.example.com answered HTTP 503.", TimeSpan.Zero);
        var paths = await Fetch(source, command => command with { Refresh = TimeSpan.Zero });
        paths[0].Should().EndWith(old);
        _log.Warnings.Should().ContainSingle().Which.Should().Contain("503");
        File.ReadAllText(_folder["cache/hub/models--owner--model/refs/main"]).Should().Be(old);
    }

    [Fact]
    public async Task A_slow_run_does_not_take_a_branch_back_to_what_it_meant_when_it_began()
    {
        var slow = new ScriptedSource(Hub);
        var old = slow.Publish(("config.json", "1"));
        var fast = new ScriptedSource(Hub);
        var current = fast.Publish(("config.json", "2"));
        slow.OnOrigin = () => Fetch(fast).GetAwaiter().GetResult();
        (await Fetch(slow))[0].Should().EndWith(old, "that run was promised it");
        File.ReadAllText(_folder["cache/hub/models--owner--model/refs/main"]).Should().Be(current);
        (await Fetch(fast))[0].Should().EndWith(current);
    }

    [Fact]
    public async Task A_ref_that_is_in_the_way_of_another_costs_a_warning_and_not_the_model()
    {
        var first = new ScriptedSource(ModelReference.Parse("hf://owner/model@release").OrThrow());
        first.Publish(("config.json", "1"));
        await Fetch(first);
        var second = new ScriptedSource(ModelReference.Parse("hf://owner/model@release/v2").OrThrow());
        var commit = second.Publish(("config.json", "2"));
        (await Fetch(second))[0].Should().EndWith(commit);
        _log.Warnings.Should().ContainSingle().Which.Should().Contain("release/v2");
    }

    [Fact]
    public async Task A_garbled_list_of_files_does_not_stop_full_verification_from_mending()
    {
        var source = new ScriptedSource(Hub);
        var commit = source.Publish(("config.json", "{}"));
        await Fetch(source);
        File.WriteAllText(Directory.EnumerateFiles(_folder["cache/.stevedore/versions"], "manifest.json", SearchOption.AllDirectories).Single(), "garbage");
        File.WriteAllText(Snapshot(commit) + "/config.json", "[]");
        await Fetch(source, command => command with { Verification = Verification.Full });
        File.ReadAllText(Snapshot(commit) + "/config.json").Should().Be("{}");
    }

    [Fact]
    public async Task Verify_means_the_revision_that_it_is_given()
    {
        var source = new ScriptedSource(Hub);
        var commit = source.Publish(("config.json", "{}"));
        await Fetch(source);
        var verify = new VerifyFlow(new CacheLayout(_folder["cache"]), new FetchMeter());
        foreach (var (revision, found) in new[] { ("main", 1), (commit, 1), ("nosuch", 0) })
            verify.Run([ModelReference.Parse($"hf://owner/model@{revision}").OrThrow()], default).Should().HaveCount(found);
    }

    [Fact]
    public async Task Refuses_one_digest_with_two_sizes()
    {
        var source = new ScriptedSource(Hub) { SizeOf = path => path == "b" ? 3 : 2 };
        source.Publish(("a", "{}"), ("b", "{}"));
        var fetch = () => Fetch(source);
        (await fetch.Should().ThrowAsync<FetchException>()).Which.Code.Should().Be(ExitCode.WrongContent);
    }

    private string Snapshot(string commit) => _folder[$"cache/hub/models--owner--model/snapshots/{commit}"];

    private async Task<IReadOnlyList<string>> Fetch(ScriptedSource source, Func<FetchCommand, FetchCommand>? change = null)
    {
        var command = new FetchCommand([source.Reference], _folder["cache"]);
        command = change?.Invoke(command) ?? command;
        var meter = new FetchMeter();
        var engine = new TransferEngine(
            new CacheLayout(command.Cache), new EngineSettings(4, null, null), new Backoff(Random.Shared, TimeProvider.System), meter, TimeProvider.System);
        return await new FetchFlow(command, _ => source, engine, _log, meter, TimeProvider.System).RunAsync(CancellationToken.None);
    }
}
