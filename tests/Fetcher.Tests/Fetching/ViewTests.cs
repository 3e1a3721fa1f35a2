using Stevedore.Contract.CommandLine;
using Stevedore.Contract.Layout;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Fetching;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Tests.Support;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Tests.Fetching;

public sealed class ViewTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Resolves_an_id_to_the_pinned_commit_from_the_view_alone_although_the_branch_moved_and_the_cache_is_mounted_elsewhere()
    {
        var main = new ScriptedSource(Reference("hf://owner/model"));
        var pinned = main.Publish(("config.json", "1"), ("sub/weights.safetensors", "weights"));
        await Fetch([main], command => command with { View = _folder["view"], CacheSeenAs = _folder["mounted"] });
        var moved = main.Publish(("config.json", "2"));
        await Fetch([main], command => command with { Refresh = TimeSpan.Zero });
        Directory.Move(_folder["cache"], _folder["mounted"]);

        File.ReadAllText(_folder["mounted/hub/models--owner--model/refs/main"]).Should().Be(moved);
        var (commit, snapshot) = AsTheHubsLibraryResolves("owner/model", "main");
        commit.Should().Be(pinned);
        File.ReadAllText($"{snapshot}/config.json").Should().Be("1");
        File.ReadAllText($"{snapshot}/sub/weights.safetensors").Should().Be("weights");
        Redirect().Should().Equal($"owner/model\t{snapshot}");
    }

    [Fact]
    public async Task Answers_to_the_default_revision_although_the_reference_names_another()
    {
        var tagged = new ScriptedSource(Reference("hf://owner/model@refs/pr/3"));
        var commit = tagged.Publish(("config.json", "1"));
        await Fetch([tagged], command => command with { View = _folder["view"] });
        AsTheHubsLibraryResolves("owner/model", "main").Commit.Should().Be(commit);
        AsTheHubsLibraryResolves("owner/model", "refs/pr/3").Commit.Should().Be(commit);
    }

    [Fact]
    public async Task Main_means_main_where_a_pod_has_two_revisions_of_one_repository()
    {
        var tag = new ScriptedSource(Reference("hf://owner/model@v1"));
        var main = new ScriptedSource(Reference("hf://owner/model@main"));
        var tagged = tag.Publish(("config.json", "1"));
        var current = main.Publish(("config.json", "2"));
        await Fetch([tag, main], command => command with { View = _folder["view"] });
        AsTheHubsLibraryResolves("owner/model", "v1").Commit.Should().Be(tagged);
        AsTheHubsLibraryResolves("owner/model", "main").Commit.Should().Be(current);
    }

    [Fact]
    public async Task Keeps_its_version_when_the_pod_restarts_after_the_branch_moved()
    {
        var source = new ScriptedSource(Reference("hf://owner/model"));
        var pinned = source.Publish(("config.json", "1"));
        await Fetch([source], command => command with { View = _folder["view"] });
        source.Publish(("config.json", "2"));
        await Fetch([source], command => command with { View = _folder["view"], Refresh = TimeSpan.Zero });
        AsTheHubsLibraryResolves("owner/model", "main").Commit.Should().Be(pinned);
        await Fetch([source], command => command with { View = _folder["other-view"], Refresh = TimeSpan.Zero });
        AsTheHubsLibraryResolves("owner/model", "main", "other-view").Commit.Should().NotBe(pinned);
    }

    [Fact]
    public async Task Gets_the_current_version_where_its_own_is_gone_everywhere()
    {
        var source = new ScriptedSource(Reference("https://models.example.com/llama/")) { ResolvesByListing = true };
        source.Publish(("config.json", "1"));
        await Fetch([source], command => command with { View = _folder["view"] });
        Directory.Delete(_folder["cache"], recursive: true);
        source.Publish(("config.json", "2"));
        source.ForgetOldVersions();
        var paths = await Fetch([source], command => command with { View = _folder["view"] });
        File.ReadAllText(paths[0] + "/config.json").Should().Be("2");
    }

    [Fact]
    public async Task Shows_a_model_under_the_directory_and_the_name_that_the_workload_uses()
    {
        var source = new ScriptedSource(Reference("https://models.example.com/llama/")) { ResolvesByListing = true };
        source.Publish(("config.json", "{}"));
        var paths = await Fetch([source], command => command with
        {
            View = _folder["view"],
            Aliases = [new ModelAlias(source.Reference, "/models/llama-70b"), new ModelAlias(source.Reference, "llama-70b")],
        });
        File.ReadAllText(_folder["view/at/models/llama-70b/config.json"]).Should().Be("{}");
        Redirect().Should().Equal($"llama-70b\t{paths[0]}");
        paths[0].Should().StartWith(_folder["view/models/https"]);
    }

    [Fact]
    public async Task Shows_a_directory_inside_another_whatever_their_order()
    {
        var inner = new ScriptedSource(Reference("https://models.example.com/adapter/")) { ResolvesByListing = true };
        var outer = new ScriptedSource(Reference("https://models.example.com/base/")) { ResolvesByListing = true };
        inner.Publish(("adapter_config.json", "inner"));
        outer.Publish(("config.json", "outer"));
        await Fetch([inner, outer], command => command with
        {
            View = _folder["view"],
            Aliases = [new ModelAlias(inner.Reference, "/models/base/adapter"), new ModelAlias(outer.Reference, "/models/base")],
        });
        File.ReadAllText(_folder["view/at/models/base/adapter/adapter_config.json"]).Should().Be("inner");
        File.ReadAllText(_folder["view/at/models/base/config.json"]).Should().Be("outer");
    }

    [Fact]
    public async Task Holds_exactly_the_files_that_the_pod_was_given()
    {
        var source = new ScriptedSource(Reference("hf://owner/model"));
        source.Publish(("config.json", "{}"), ("weights.gguf", "weights"));
        await Fetch([source], command => command with { Include = [new("*")] });
        var paths = await Fetch([source], command => command with { View = _folder["view"], Include = [new("*.json")] });
        Directory.EnumerateFiles(paths[0]).Should().ContainSingle().Which.Should().EndWith("config.json");
    }

    /// <summary>huggingface_hub with local_files_only: the ref's text names the snapshot's folder.</summary>
    private (string Commit, string Snapshot) AsTheHubsLibraryResolves(string id, string revision, string view = "view")
    {
        var repository = _folder[$"{view}/hub/models--{id.Replace("/", "--", StringComparison.Ordinal)}"];
        var commit = File.ReadAllText(Path.Combine(repository, "refs", revision));
        var snapshot = Path.Combine(repository, "snapshots", commit);
        Directory.Exists(snapshot).Should().BeTrue();
        return (commit, snapshot);
    }

    private string[] Redirect() => File.ReadAllLines(_folder["view/redirect"]);

    private static ModelReference Reference(string text) => ModelReference.Parse(text).OrThrow();

    private async Task<IReadOnlyList<string>> Fetch(ScriptedSource[] sources, Func<FetchCommand, FetchCommand> change)
    {
        var command = change(new FetchCommand([.. sources.Select(source => source.Reference)], _folder["cache"]));
        var meter = new FetchMeter();
        var engine = new TransferEngine(
            new CacheLayout(command.Cache), new EngineSettings(4, null, null), new Backoff(Random.Shared, TimeProvider.System), meter, TimeProvider.System);
        return await new FetchFlow(
            command, reference => sources.Single(source => source.Reference == reference), engine, new ListLog(), meter, TimeProvider.System).RunAsync(default);
    }
}
