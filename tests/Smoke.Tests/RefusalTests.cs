using Stevedore.HubFixture;
using Stevedore.Smoke.Tests.Support;

namespace Stevedore.Smoke.Tests;

/// <summary>Every way to end but well: the code, the sentence, and that nothing is left where a reader would take it for a model.</summary>
public sealed class RefusalTests : IAsyncLifetime
{
    private const int Mebi = 1 << 20;
    private Quay _quay = null!;

    public async ValueTask InitializeAsync() => _quay = await Quay.OpenAsync();

    public ValueTask DisposeAsync() => _quay.DisposeAsync();

    [Fact]
    public async Task Wrong_bytes_are_65_with_the_file_and_never_published()
    {
        var digest = _quay.Publish(3 * Mebi).Find("main")!.Files.Single(file => file.IsLfs).Sha256!;
        _quay.Hub.Faults.Add(Fault.FlipByte(Mebi + 5).On("model.safetensors").Always());
        var run = await _quay.FetchAsync("--view", _quay["view"]);
        ShouldEnd(run, 65, "model.safetensors", "hf://org/model", digest);
        _quay.FilesBelow("cache/hub").Keys.Should().NotContain(path => path.Contains("model.safetensors") || path.Contains(digest));
        Directory.Exists(_quay["view/hub"]).Should().BeFalse();
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("tokenizer/vocab.txt")]
    public async Task Wrong_bytes_of_a_small_file_are_65_too(string file)
    {
        _quay.Publish(Mebi);
        _quay.Hub.Faults.Add(Fault.FlipByte(0).On(file).Always());
        ShouldEnd(await _quay.FetchAsync(), 65, file, "hf://org/model");
        _quay.FilesBelow("cache/hub").Keys.Should().NotContain(path => path.EndsWith(file));
    }

    [Fact]
    public async Task A_path_that_climbs_is_65_before_a_byte_is_written()
    {
        _quay.Publish(Mebi).AddFile("../../escaped.json", "{}").Publish();
        ShouldEnd(await _quay.FetchAsync(), 65, "../../escaped.json");
        _quay.Hub.BytesServed.Should().Be(0);
        Directory.Exists(_quay.Cache).Should().BeFalse();
    }

    [Fact]
    public async Task A_model_that_nobody_has_is_66() =>
        ShouldEnd(await _quay.RunAsync("fetch", "hf://org/nothing", "--cache", _quay.Cache), 66, "hf://org/nothing");

    [Fact]
    public async Task A_revision_that_the_model_does_not_have_is_66()
    {
        _quay.Publish(Mebi);
        ShouldEnd(await _quay.RunAsync("fetch", "hf://org/model@v9", "--cache", _quay.Cache), 66, "v9", "org/model");
    }

    [Fact]
    public async Task A_filter_that_leaves_nothing_is_66()
    {
        _quay.Publish(Mebi);
        ShouldEnd(await _quay.FetchAsync("--include", "*.nothing"), 66, "*.nothing");
    }

    [Fact]
    public async Task A_gated_model_without_a_token_is_77_and_says_what_to_do()
    {
        _quay.Publish(Mebi).Gated = true;
        ShouldEnd(await _quay.FetchAsync(), 77, "gated", "HF_TOKEN", "hf://org/model");
    }

    [Fact]
    public async Task A_gated_model_with_a_token_that_has_no_access_is_77()
    {
        _quay.Publish(Mebi).Gated = true;
        _quay.Environment["HF_TOKEN"] = "hf_ofSomebodyWithoutAccess";
        ShouldEnd(await _quay.FetchAsync(), 77, "gated");
    }

    [Fact]
    public async Task A_gated_model_comes_for_a_token_that_has_access()
    {
        _quay.Publish(Mebi).Allow("hf_ofSomebodyWithAccess").Gated = true;
        _quay.Environment["HF_TOKEN"] = "hf_ofSomebodyWithAccess";
        (await _quay.FetchAsync()).Code.Should().Be(0);
        _quay.Hub.TokensLeakedToCdn.Should().Be(0);
    }

    [Fact]
    public async Task A_Hub_that_forbids_is_77()
    {
        _quay.Publish(Mebi);
        _quay.Hub.Faults.Add(Fault.Status(403).At(Listener.Hub).Always());
        ShouldEnd(await _quay.FetchAsync(), 77, "403", "hf://org/model");
    }

    [Fact]
    public async Task A_Hub_that_is_down_with_nothing_in_the_cache_is_69()
    {
        _quay.Publish(Mebi);
        // A pause that nobody would sit out.
        _quay.Hub.Faults.Add(Fault.Status(503, retryAfter: 3600).Always());
        ShouldEnd(await _quay.FetchAsync(), 69, "503", _quay.Hub.Endpoint.Authority);
    }

    [Fact]
    public async Task A_Hub_that_moved_its_branch_and_went_down_leaves_the_old_version_with_a_warning()
    {
        var repository = _quay.Publish(Mebi);
        var first = await _quay.FetchAsync();
        repository.AddFile("config.json", "{}").Publish();
        await _quay.Hub.PauseAsync();
        var run = await _quay.FetchAsync("--refresh", "0");
        run.Code.Should().Be(0, run.Errors);
        run.Output.Should().Be(first.Output);
        run.ErrorLines.Should().ContainSingle(line => line.StartsWith("warning: hf://org/model"));
    }

    [Fact]
    public async Task A_Hub_that_limits_the_rate_leaves_the_old_version_with_a_warning()
    {
        _quay.Publish(Mebi);
        var first = await _quay.FetchAsync();
        _quay.Hub.Faults.Add(Fault.RateLimited(300).Always());
        var run = await _quay.FetchAsync("--refresh", "0");
        run.Code.Should().Be(0, run.Errors);
        run.Output.Should().Be(first.Output);
        run.ErrorLines.Should().ContainSingle(line => line.StartsWith("warning: hf://org/model") && line.Contains("429"));
    }

    [Fact]
    public async Task A_refusal_is_final_although_the_model_is_in_the_cache()
    {
        var repository = _quay.Publish(Mebi);
        await _quay.FetchAsync();
        repository.Private = true;
        ShouldEnd(await _quay.FetchAsync("--refresh", "0"), 66, "hf://org/model");
    }

    [Fact]
    public async Task A_cache_that_can_not_be_made_is_73()
    {
        _quay.Publish(Mebi);
        File.WriteAllText(_quay.Cache, "a file, and no folder");
        ShouldEnd(await _quay.RunAsync("fetch", Quay.Model, "--cache", _quay["cache/below"]), 73, "hf://org/model");
        File.ReadAllText(_quay.Cache).Should().Be("a file, and no folder");
    }

    [Fact]
    public async Task Require_present_is_66_without_a_request_and_75_when_waiting_did_not_help()
    {
        _quay.Publish(Mebi);
        ShouldEnd(await _quay.FetchAsync("--require-present"), 66, "hf://org/model", "--require-present");
        ShouldEnd(await _quay.FetchAsync("--require-present", "--wait", "1s"), 75, "hf://org/model");
        _quay.Hub.Log.Should().BeEmpty();
        Directory.Exists(_quay.Cache).Should().BeFalse();
    }

    [Fact]
    public async Task Require_present_ends_well_once_somebody_else_has_filled_the_cache()
    {
        _quay.Publish(Mebi);
        using var waiting = _quay.StartFetch("--require-present", "--wait", "60s");
        (await _quay.FetchAsync()).Code.Should().Be(0);
        (await waiting.EndAsync()).Code.Should().Be(0);
    }

    [Theory]
    [InlineData("pvc://claim/model", "mounted")]
    [InlineData("gpt2", "OWNER/NAME")]
    public async Task What_is_not_fetched_is_64(string reference, string sentence) =>
        ShouldEnd(await _quay.RunAsync("fetch", reference, "--cache", _quay.Cache), 64, sentence);

    private void ShouldEnd(Outcome run, int code, params string[] sentence)
    {
        run.Code.Should().Be(code, run.Errors);
        run.Output.Should().BeEmpty();
        run.Sentence.Should().StartWith("error: ").And.ContainAll(sentence).And.EndWith(".");
        run.Errors.Should().NotContain("   at ", "a stack trace is for developers");
        File.ReadAllText(_quay.TerminationLog).Should().Be(run.Sentence["error: ".Length..]);
    }
}
