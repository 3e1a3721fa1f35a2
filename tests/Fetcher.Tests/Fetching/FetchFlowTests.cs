using Stevedore.Contract;
using Stevedore.Contract.CommandLine;
using Stevedore.Contract.Layout;
using Stevedore.Contract.References;
using Stevedore.Contract.Values;
using Stevedore.Fetcher.Fetching;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Tests.Support;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Tests.Fetching;

public sealed class FetchFlowTests : IDisposable
{
    private static readonly ModelReference Hub = ModelReference.Parse("hf://owner/model").OrThrow();
    private static readonly ModelReference Web = ModelReference.Parse("https://models.example.com/llama/").OrThrow();
    private readonly TemporaryFolder _folder = new();
    private readonly ListLog _log = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Lays_a_hub_model_out_as_the_hubs_own_library_does()
    {
        var source = new ScriptedSource(Hub);
        var commit = source.Publish(("config.json", "{}"), ("deep/er/weights.safetensors", "weights"));
        var paths = await Fetch(source);

        var model = _folder["cache/hub/models--owner--model"];
        paths.Should().Equal($"{model}/snapshots/{commit}");
        File.ReadAllBytes($"{model}/refs/main").Should().Equal(System.Text.Encoding.ASCII.GetBytes(commit), "readers do not strip a newline");
        new FileInfo($"{model}/snapshots/{commit}/config.json").LinkTarget.Should().StartWith("../../blobs/");
        new FileInfo($"{model}/snapshots/{commit}/deep/er/weights.safetensors").LinkTarget.Should().StartWith("../../../../blobs/");
        File.ReadAllText($"{model}/snapshots/{commit}/deep/er/weights.safetensors").Should().Be("weights");
        Directory.EnumerateFiles($"{model}/blobs").Should().HaveCount(2);
    }

    [Fact]
    public async Task Lays_everything_else_out_as_plain_files_under_their_version()
    {
        var source = new ScriptedSource(Web) { ResolvesByListing = true };
        var version = source.Publish(("config.json", "{}"), ("a/b.safetensors", "weights"), ("c/d.safetensors", "weights"));
        var paths = await Fetch(source);
        paths.Should().Equal(_folder[$"cache/models/https/models.example.com/llama/{version}"]);
        foreach (var twin in new[] { "a/b.safetensors", "c/d.safetensors" })
            File.ReadAllText(Path.Combine(paths[0], twin)).Should().Be("weights");
        new FileInfo(Path.Combine(paths[0], "config.json")).LinkTarget.Should().BeNull();
    }

    [Fact]
    public async Task Asks_the_source_nothing_while_what_it_said_is_fresh()
    {
        var source = new ScriptedSource(Hub);
        source.Publish(("config.json", "{}"));
        await Fetch(source);
        var calls = source.Calls;
        await Fetch(source);
        source.Calls.Should().Be(calls);
        await Fetch(source, command => command with { Refresh = TimeSpan.Zero });
        source.Calls.Should().BeGreaterThan(calls);
    }

    [Fact]
    public async Task Takes_up_a_moved_branch_beside_the_old_version()
    {
        var source = new ScriptedSource(Hub);
        var old = source.Publish(("config.json", "1"), ("same", "same"));
        await Fetch(source);
        var now = source.Publish(("config.json", "2"), ("same", "same"));
        await Fetch(source, command => command with { Refresh = TimeSpan.Zero });
        var model = _folder["cache/hub/models--owner--model"];
        File.ReadAllText($"{model}/refs/main").Should().Be(now);
        File.ReadAllText($"{model}/snapshots/{old}/config.json").Should().Be("1");
        File.ReadAllText($"{model}/snapshots/{now}/config.json").Should().Be("2");
        source.Opens.Should().Be(3, "what both versions have is fetched once");
    }

    [Fact]
    public async Task Goes_back_to_the_old_version_without_fetching_or_touching_anything_but_the_branch()
    {
        var source = new ScriptedSource(Hub);
        var old = source.Publish(("config.json", "1"), ("same", "same"));
        await Fetch(source);
        source.Publish(("config.json", "2"), ("same", "same"));
        await Fetch(source, command => command with { Refresh = TimeSpan.Zero });
        var model = _folder["cache/hub/models--owner--model"];
        var (opens, written) = (source.Opens, Writes());

        source.Current = old;
        await Fetch(source, command => command with { Refresh = TimeSpan.Zero });
        File.ReadAllText($"{model}/refs/main").Should().Be(old);
        source.Opens.Should().Be(opens);
        Writes().Should().Equal(written, "going back is a rename of the branch");

        List<(string, DateTime)> Writes() => [.. Directory.EnumerateFileSystemEntries(model, "*", SearchOption.AllDirectories)
            .Where(path => !path.StartsWith($"{model}/refs", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(path => (path, File.GetLastWriteTimeUtc(path)))];
    }

    [Fact]
    public async Task Takes_what_an_updated_directory_shares_with_its_last_version_from_there()
    {
        var source = new ScriptedSource(Web) { ResolvesByListing = true };
        source.Publish(("config.json", "1"), ("weights.safetensors", "weights"));
        await Fetch(source);
        source.Publish(("config.json", "2"), ("weights.safetensors", "weights"));
        var paths = await Fetch(source, command => command with { Refresh = TimeSpan.Zero });
        File.ReadAllText(paths[0] + "/weights.safetensors").Should().Be("weights");
        File.ReadAllText(paths[0] + "/config.json").Should().Be("2");
        source.Opens.Should().Be(3);
    }

    [Fact]
    public async Task Serves_what_is_published_with_a_warning_when_the_source_is_down()
    {
        var source = new ScriptedSource(Hub);
        var commit = source.Publish(("config.json", "{}"));
        await Fetch(source);
        source.Trouble = new SourceUnavailableException("hub.example.com answered 429; it asks to wait 55 s.");
        var paths = await Fetch(source, command => command with { Refresh = TimeSpan.Zero });
        paths[0].Should().EndWith(commit);
        _log.Warnings.Should().ContainSingle().Which.Should().Contain("429").And.Contain(commit);
    }

    [Fact]
    public async Task Does_not_serve_what_is_published_when_the_source_refuses()
    {
        var source = new ScriptedSource(Hub);
        source.Publish(("config.json", "{}"));
        await Fetch(source);
        source.Trouble = new FetchException(ExitCode.NoPermission, "owner/model is gated");
        var fetch = () => Fetch(source, command => command with { Refresh = TimeSpan.Zero });
        (await fetch.Should().ThrowAsync<FetchException>()).Which.Code.Should().Be(ExitCode.NoPermission);
    }

    [Fact]
    public async Task Is_down_when_the_source_is_and_nothing_is_published()
    {
        var source = new ScriptedSource(Hub) { Trouble = new SourceUnavailableException("hub.example.com can't be reached.") };
        var fetch = () => Fetch(source);
        (await fetch.Should().ThrowAsync<FetchException>()).Which.Code.Should().Be(ExitCode.Unavailable);
    }

    [Fact]
    public async Task Keeps_completeness_apart_by_filter()
    {
        var source = new ScriptedSource(Hub);
        var commit = source.Publish(("config.json", "{}"), ("weights.gguf", "weights"));
        await Fetch(source, command => command with { Include = [new Glob("*.json")] });
        var snapshot = _folder[$"cache/hub/models--owner--model/snapshots/{commit}"];
        File.Exists($"{snapshot}/weights.gguf").Should().BeFalse();
        await Fetch(source, command => command with { Include = [new Glob("*")] });
        File.Exists($"{snapshot}/weights.gguf").Should().BeTrue();
        source.Opens.Should().Be(2);
    }

    [Fact]
    public async Task Says_so_when_a_filter_leaves_nothing()
    {
        var source = new ScriptedSource(Hub);
        source.Publish(("config.json", "{}"));
        var fetch = () => Fetch(source, command => command with { Include = [new Glob("*.nothing")] });
        (await fetch.Should().ThrowAsync<FetchException>()).Which.Message.Should().Contain("*.nothing");
    }

    [Theory]
    [InlineData("../../escape")]
    [InlineData("/etc/passwd")]
    [InlineData("C:/windows")]
    [InlineData("a\0b")]
    public async Task Refuses_a_path_that_climbs_before_a_byte_is_written(string path)
    {
        var source = new ScriptedSource(Hub);
        source.Publish(("config.json", "{}"), (path, "evil"));
        var fetch = () => Fetch(source, command => command with { Include = [new Glob("*")] });
        (await fetch.Should().ThrowAsync<FetchException>()).Which.Code.Should().Be(ExitCode.WrongContent);
        Directory.Exists(_folder["cache"]).Should().BeFalse();
    }

    [Fact]
    public async Task Fetches_again_just_what_is_missing_from_a_complete_version()
    {
        var source = new ScriptedSource(Hub);
        var commit = source.Publish(("config.json", "{}"), ("weights.safetensors", "weights"));
        await Fetch(source);
        File.Delete(Directory.EnumerateFiles(_folder["cache/hub/models--owner--model/blobs"]).Single(path => File.ReadAllText(path) == "weights"));
        await Fetch(source);
        File.ReadAllText(_folder[$"cache/hub/models--owner--model/snapshots/{commit}/weights.safetensors"]).Should().Be("weights");
        source.Opens.Should().Be(3);
    }

    [Fact]
    public async Task Full_verification_repairs_what_has_rotted()
    {
        var source = new ScriptedSource(Hub);
        var commit = source.Publish(("config.json", "{}"), ("weights.safetensors", "weights"));
        await Fetch(source);
        var weights = _folder[$"cache/hub/models--owner--model/snapshots/{commit}/weights.safetensors"];
        File.WriteAllText(weights, "WEIGHTS");
        await Fetch(source);
        File.ReadAllText(weights).Should().Be("WEIGHTS", "size is all that is looked at by default");
        await Fetch(source, command => command with { Verification = Verification.Full });
        File.ReadAllText(weights).Should().Be("weights");
        _log.Warnings.Should().ContainSingle().Which.Should().Contain("weights.safetensors");
    }

    [Fact]
    public async Task Full_verification_knows_the_digests_of_files_that_had_none_at_their_source()
    {
        var source = new ScriptedSource(Web) { ResolvesByListing = true, HasDigests = false };
        source.Publish(("weights.safetensors", "weights"));
        var path = (await Fetch(source))[0] + "/weights.safetensors";
        File.WriteAllText(path, "WEIGHTS");
        await Fetch(source, command => command with { Verification = Verification.Full });
        File.ReadAllText(path).Should().Be("weights");
    }

    [Fact]
    public async Task Require_present_never_asks_the_source()
    {
        var source = new ScriptedSource(Hub);
        source.Publish(("config.json", "{}"));
        var missing = () => Fetch(source, command => command with { RequirePresent = true });
        (await missing.Should().ThrowAsync<FetchException>()).Which.Code.Should().Be(ExitCode.NotFound);
        var gaveUp = () => Fetch(source, command => command with { RequirePresent = true, Wait = TimeSpan.FromMilliseconds(1) });
        (await gaveUp.Should().ThrowAsync<FetchException>()).Which.Code.Should().Be(ExitCode.GaveUpWaiting);
        source.Calls.Should().Be(0);

        await Fetch(source);
        var calls = source.Calls;
        await Fetch(source, command => command with { RequirePresent = true, Refresh = TimeSpan.Zero });
        source.Calls.Should().Be(calls);
    }

    [Fact]
    public async Task Verify_withdraws_what_has_rotted_and_the_next_fetch_repairs_it()
    {
        var source = new ScriptedSource(Hub);
        var commit = source.Publish(("config.json", "{}"), ("weights.safetensors", "weights"));
        await Fetch(source);
        var weights = _folder[$"cache/hub/models--owner--model/snapshots/{commit}/weights.safetensors"];
        File.WriteAllText(weights, "WEIGHTS");

        var verify = new VerifyFlow(new CacheLayout(_folder["cache"]), new FetchMeter());
        verify.Run([], default).Should().ContainSingle().Which.Wrong.Should().ContainSingle().Which.File.Path.Should().Be("weights.safetensors");
        File.Exists(weights).Should().BeFalse();
        File.Exists(_folder[$"cache/hub/models--owner--model/snapshots/{commit}/config.json"]).Should().BeTrue();
        await Fetch(source);
        File.ReadAllText(weights).Should().Be("weights");
        verify.Run([], default).Should().ContainSingle().Which.Wrong.Should().BeEmpty();
    }

    internal async Task<IReadOnlyList<string>> Fetch(ScriptedSource source, Func<FetchCommand, FetchCommand>? change = null)
    {
        var command = new FetchCommand([source.Reference], _folder["cache"]);
        command = change?.Invoke(command) ?? command;
        var meter = new FetchMeter();
        var engine = new TransferEngine(
            new CacheLayout(command.Cache), new EngineSettings(4, null, null), new Backoff(Random.Shared, TimeProvider.System), meter, TimeProvider.System);
        return await new FetchFlow(command, _ => source, engine, _log, meter, TimeProvider.System).RunAsync(CancellationToken.None);
    }
}

/// <summary>Keeps what a run says.</summary>
internal sealed class ListLog : IRunLog
{
    public List<string> Infos { get; } = [];

    public List<string> Warnings { get; } = [];

    public void Info(string sentence) => Infos.Add(sentence);

    public void Warn(string sentence) => Warnings.Add(sentence);
}
