using System.Text;
using System.Text.Json.Nodes;
using Stevedore.Contract;
using Stevedore.Fetcher.Tests.Commands;
using Stevedore.Fetcher.Tests.Support;
using Stevedore.HubFixture;

namespace Stevedore.Fetcher.Tests.Sources.Mirrors;

/// <summary><c>mirror</c> and <c>fetch --mirror</c> against each other, by way of folders; the program runs in this process.</summary>
public sealed class MirroringTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private HubServer _hub = null!;
    private Repository _repository = null!;
    private string _commit = "";

    private string Copy => _folder["copies/org/model"];

    private string Copies => $"file://{_folder["copies"]}/";

    private string Target => $"file://{Copy}/";

    public async ValueTask InitializeAsync()
    {
        _hub = await HubServer.StartAsync();
        var weights = new byte[20 << 20];
        new Random(7).NextBytes(weights);
        _repository = _hub.AddRepository("org/model").AddFile("config.json", "{}").AddFile("sub/vocab.txt", "a\n").AddFile("model.safetensors", weights, lfs: true)
            .AddFile("model.onnx", "left out");
        _commit = _repository.Publish().Sha;
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_copy_has_the_files_under_their_names_their_sums_and_what_it_is_of()
    {
        var run = await MirrorAsync();

        run.Code.Should().Be(ExitCode.Done, run.Errors);
        run.Lines.Should().Equal(Target);
        Files().Should().Equal(".stevedore/manifest.json", "SHA256SUMS", "config.json", "model.safetensors", "sub/vocab.txt");
        var manifest = Manifest();
        manifest["reference"]!.ToString().Should().Be("hf://org/model");
        manifest["version"]!.ToString().Should().Be(_commit);
        manifest["files"]!.AsArray().Select(file => $"{file!["path"]} {file["digest"]!.ToString().Split(':')[0]} {file["sha256"] is not null}")
            .Should().BeEquivalentTo("config.json git-sha1 True", "model.safetensors sha256 True", "sub/vocab.txt git-sha1 True", "model.onnx git-sha1 False");
    }

    [Fact]
    public async Task What_is_there_is_not_sent_again()
    {
        await MirrorAsync();
        var before = Directory.EnumerateFiles(Copy, "*", SearchOption.AllDirectories).ToDictionary(path => path, File.GetLastWriteTimeUtc);
        var asked = _hub.Log.Count(exchange => exchange.IsContent);

        (await MirrorAsync()).Code.Should().Be(ExitCode.Done);

        _hub.Log.Count(exchange => exchange.IsContent).Should().Be(asked);
        Directory.EnumerateFiles(Copy, "*", SearchOption.AllDirectories).ToDictionary(path => path, File.GetLastWriteTimeUtc).Should().Equal(before);
    }

    [Fact]
    public async Task What_somebody_changed_is_sent_again()
    {
        await MirrorAsync();
        File.WriteAllText(Path.Combine(Copy, "config.json"), "[]");

        (await MirrorAsync()).Code.Should().Be(ExitCode.Done);
        File.Delete(Path.Combine(Copy, ".stevedore/manifest.json"));
        (await MirrorAsync()).Code.Should().Be(ExitCode.Done);

        (await FetchAsync("--mirror", Rule)).Code.Should().Be(ExitCode.Done);
    }

    [Fact]
    public async Task A_wider_selection_adds_to_the_copy()
    {
        await MirrorAsync("--include", "config.json");
        (await FetchAsync("--mirror", Rule)).Code.Should().Be(ExitCode.NotFound, "the copy has not all that is wanted");

        await MirrorAsync();

        (await FetchAsync("--mirror", Rule)).Code.Should().Be(ExitCode.Done);
        _hub.Log.Count(exchange => exchange.IsContent && exchange.File == "config.json").Should().Be(1);
    }

    [Fact]
    public async Task A_newer_version_takes_the_place_of_the_older_one()
    {
        await MirrorAsync();
        _repository.AddFile("config.json", "{\"new\":1}");
        var newer = _repository.Publish().Sha;

        (await MirrorAsync()).Code.Should().Be(ExitCode.Done);

        Manifest()["version"]!.ToString().Should().Be(newer);
        File.ReadAllText(Path.Combine(Copy, "config.json")).Should().Be("{\"new\":1}");
        _hub.Log.Count(exchange => exchange.IsContent && exchange.File == "model.safetensors").Should().Be(1, "it did not change");
    }

    [Fact]
    public async Task A_copy_that_broke_off_is_never_taken_for_a_whole_one_and_is_gone_on_with()
    {
        _hub.Faults.Add(Fault.Status(404).On("config.json").Always());
        // One file after the other, the largest first: it is there when the next one is refused.
        var broken = await MirrorAsync("--connections", "1");
        broken.Code.Should().Be(ExitCode.NotFound, broken.Errors);
        Files().Should().Contain(".stevedore/unfinished.json").And.NotContain(".stevedore/manifest.json");

        (await FetchAsync("--mirror", Rule)).Code.Should().Be(ExitCode.NotFound);
        var plain = await ProgramRun.With([], "fetch", Target, "--cache", _folder["plain"]);
        plain.Code.Should().Be(ExitCode.Unavailable);
        plain.Errors.Should().Contain("is not whole");

        _hub.Faults.Clear();
        (await MirrorAsync()).Code.Should().Be(ExitCode.Done);
        _hub.Log.Count(exchange => exchange.IsContent && exchange.File == "model.safetensors").Should().Be(1, "it was there");
        Files().Should().NotContain(".stevedore/unfinished.json");
    }

    [Fact]
    public async Task Content_that_is_not_what_the_source_promised_is_65_and_nothing_of_it_stays()
    {
        _hub.Faults.Add(Fault.FlipByte(12_345_678).On("model.safetensors").Always());

        var run = await MirrorAsync();

        run.Code.Should().Be(ExitCode.WrongContent, run.Errors);
        Files().Should().NotContain("model.safetensors").And.NotContain(".stevedore/manifest.json").And.NotContain(path => path.EndsWith(".part"));
    }

    [Fact]
    public async Task A_stream_that_breaks_off_is_gone_on_with()
    {
        _hub.Faults.Add(Fault.ResetAfter(3 << 20).On("model.safetensors").Times(3));

        (await MirrorAsync()).Code.Should().Be(ExitCode.Done);

        (await FetchAsync("--mirror", Rule)).Code.Should().Be(ExitCode.Done);
    }

    [Fact]
    public async Task The_hubs_version_and_digests_come_with_a_copy_and_the_hub_is_not_asked()
    {
        await MirrorAsync();
        await _hub.DisposeAsync();

        var run = await FetchAsync("--mirror", Rule);

        run.Code.Should().Be(ExitCode.Done, run.Errors);
        run.Lines.Should().Equal(_folder[$"cache/hub/models--org--model/snapshots/{_commit}"]);
        File.ReadAllText(_folder["cache/hub/models--org--model/refs/main"]).Should().Be(_commit);
        run.Errors.Should().Contain($"note: hf://org/model comes from {Copies}.");
        (await ProgramRun.With([], "verify", "--cache", _folder["cache"])).Code.Should().Be(ExitCode.Done);
    }

    [Fact]
    public async Task The_commit_itself_is_served_by_a_copy_of_the_branch()
    {
        await MirrorAsync();

        (await FetchAsync($"hf://org/model@{_commit}", "--mirror", Rule)).Code.Should().Be(ExitCode.Done);
        (await FetchAsync("hf://org/model@v9", "--mirror", Rule)).Code.Should().Be(ExitCode.NotFound);
    }

    [Fact]
    public async Task Another_revision_lies_beside_it_under_its_own_name()
    {
        await ProgramRun.With(Environment, "mirror", $"hf://org/model@{_commit}", $"file://{Copy}--{_commit}/");

        (await FetchAsync($"hf://org/model@{_commit}", "--mirror", Rule)).Code.Should().Be(ExitCode.Done);
        (await FetchAsync("--mirror", Rule)).Code.Should().Be(ExitCode.NotFound, "main is not copied");
    }

    [Fact]
    public async Task The_original_is_used_only_where_it_is_listed()
    {
        var without = await FetchAsync("--mirror", Rule);
        without.Code.Should().Be(ExitCode.NotFound);
        without.Errors.Should().Contain("mirror hf://org/model");
        _hub.Log.Should().BeEmpty();

        var with = await FetchAsync("--mirror", Rule, "--mirror", "hf://=");

        with.Code.Should().Be(ExitCode.Done, with.Errors);
        with.Errors.Should().Contain("is not to be had from file://").And.Contain("comes from the original");
    }

    [Fact]
    public async Task Another_hub_is_asked_by_its_api_and_gets_no_token_of_this_one()
    {
        var run = await ProgramRun.With(
            new() { ["HF_ENDPOINT"] = "http://127.0.0.1:1", ["HF_TOKEN"] = "hf_aSecretThatStaysHere" },
            "fetch", "hf://org/model", "--cache", _folder["cache"], "--mirror", $"hf://={_hub.Endpoint}");

        run.Code.Should().Be(ExitCode.Done, run.Errors);
        _hub.Log.Should().NotBeEmpty().And.AllSatisfy(exchange => exchange.HasAuthorization.Should().BeFalse());
    }

    [Fact]
    public async Task A_mirror_that_is_down_is_passed_over_soon()
    {
        await MirrorAsync();

        var run = await FetchAsync("--mirror", "hf://=http://127.0.0.1:1/", "--mirror", Rule);

        run.Code.Should().Be(ExitCode.Done, run.Errors);
        run.Errors.Should().Contain("warning: hf://org/model is not to be had from http://127.0.0.1:1/").And.Contain($"comes from {Copies}");
    }

    [Fact]
    public async Task A_mirror_that_loses_a_file_half_way_is_left_for_the_next()
    {
        await MirrorAsync();
        File.Delete(Path.Combine(Copy, "model.safetensors"));

        var run = await FetchAsync("--mirror", Rule, "--mirror", "hf://=");

        run.Code.Should().Be(ExitCode.Done, run.Errors);
        run.Errors.Should().Contain("It goes on with hf://org/model.");
    }

    [Fact]
    public async Task A_copy_of_another_model_is_not_taken_for_this_one()
    {
        await MirrorAsync();

        var run = await FetchAsync("hf://org/other", "--mirror", $"hf://org/other={Target}");

        run.Code.Should().Be(ExitCode.NotFound);
        run.Errors.Should().Contain("holds a copy of hf://org/model, not of hf://org/other");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("{\"reference\":\"hf://org/model\",\"version\":\"../../../../etc\",\"files\":[]}")]
    [InlineData("{\"reference\":\"hf://org/model\",\"version\":\"0123456789012345678901234567890123456789\",\"files\":[{\"path\":\"../x\",\"size\":1}]}")]
    [InlineData("{\"reference\":\"hf://org/model\",\"version\":\"0123456789012345678901234567890123456789\",\"files\":[{\"path\":\"config.json\",\"size\":2,\"digest\":\"md5:zz\",\"sha256\":\"x\"}]}")]
    public async Task A_hostile_manifest_is_65(string manifest)
    {
        await MirrorAsync();
        File.WriteAllText(Path.Combine(Copy, ".stevedore/manifest.json"), manifest);

        (await FetchAsync("--mirror", Rule)).Code.Should().Be(ExitCode.WrongContent);
    }

    [Fact]
    public async Task A_copy_is_also_a_source_of_its_own_with_digests()
    {
        await MirrorAsync();

        var run = await ProgramRun.With([], "fetch", Target, "--cache", _folder["plain"]);

        run.Code.Should().Be(ExitCode.Done, run.Errors);
        run.Errors.Should().NotContain("no digest");
        Directory.EnumerateFiles(run.Lines[0], "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(run.Lines[0], path))
            .Should().BeEquivalentTo("config.json", "model.safetensors", "sub/vocab.txt");
    }

    [Theory]
    [InlineData("Nothing can be copied to https://host/dir/", "hf://a/b", "https://host/dir/")]
    [InlineData("mounted", "pvc://claim/x", "file:///x/")]
    [InlineData("to itself", "file:///x/", "file:///x")]
    [InlineData("--connections", "hf://a/b", "file:///x/", "--connections", "0")]
    [InlineData("--s3-addressing", "hf://a/b", "s3://bkt/", "--s3-addressing", "sideways")]
    [InlineData("TARGET", "hf://a/b")]
    public async Task What_nobody_can_mean_is_64(string because, params string[] arguments)
    {
        var run = await ProgramRun.Of(["mirror", .. arguments]);

        run.Code.Should().Be(ExitCode.Usage);
        run.ErrorLines.Should().ContainSingle().Which.Should().Contain(because);
    }

    private string Rule => $"hf://={Copies}";

    private Dictionary<string, string> Environment => new() { ["HF_ENDPOINT"] = _hub.Endpoint.OriginalString };

    private Task<ProgramRun> MirrorAsync(params string[] more) => ProgramRun.With(Environment, ["mirror", "hf://org/model", Target, .. more]);

    private Task<ProgramRun> FetchAsync(params string[] more) => ProgramRun.With(
        Environment, ["fetch", .. more[0].StartsWith("hf://") ? Array.Empty<string>() : ["hf://org/model"], .. more, "--cache", _folder["cache"], "--refresh", "0"]);

    private JsonNode Manifest() => JsonNode.Parse(File.ReadAllText(Path.Combine(Copy, ".stevedore/manifest.json"), Encoding.UTF8))!;

    private List<string> Files() => !Directory.Exists(Copy) ? [] :
        [.. Directory.EnumerateFiles(Copy, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Copy, path)).Order(StringComparer.Ordinal)];
}
