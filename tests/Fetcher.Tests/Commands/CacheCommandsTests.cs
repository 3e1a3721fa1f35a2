using System.Text.Json;
using Stevedore.Contract;
using Stevedore.Fetcher.Tests.Support;

namespace Stevedore.Fetcher.Tests.Commands;

/// <summary>fetch, list and verify as a person uses them, on a model that lies on disk.</summary>
public sealed class CacheCommandsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public CacheCommandsTests()
    {
        Directory.CreateDirectory(_folder["llama"]);
        File.WriteAllText(_folder["llama/config.json"], "{}");
        File.WriteAllText(_folder["llama/model.safetensors"], new string('w', 2048));
        File.WriteAllText(_folder["llama/model.onnx"], "left out by default");
    }

    private string Reference => $"file://{_folder["llama"]}/";

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Fetch_prints_the_path_alone_on_stdout_and_sums_up_on_stderr()
    {
        var run = await Fetch();
        run.Code.Should().Be(ExitCode.Done);
        File.ReadAllText(Path.Combine(run.Lines.Should().ContainSingle().Which, "config.json")).Should().Be("{}");
        run.ErrorLines[^1].Should().StartWith("done: ");
    }

    [Fact]
    public async Task Fetch_prints_a_path_for_each_reference_in_their_order()
    {
        Directory.CreateDirectory(_folder["other"]);
        File.WriteAllText(_folder["other/config.json"], "{\"other\":1}");
        var run = await ProgramRun.Of("fetch", $"file://{_folder["other"]}/", Reference, "--cache", _folder["cache"]);
        run.Lines.Select(path => File.ReadAllText(Path.Combine(path, "config.json"))).Should().Equal("{\"other\":1}", "{}");
    }

    [Fact]
    public async Task List_is_a_table_for_people()
    {
        await Fetch();
        await Fetch("--include", "*.json");
        var run = await ProgramRun.Of("list", "--cache", _folder["cache"]);
        run.Code.Should().Be(ExitCode.Done);
        run.Errors.Should().BeEmpty();
        run.Lines.Should().HaveCount(4);
        run.Lines[0].Should().MatchRegex(@"^REFERENCE +VERSION +REVISIONS +FILES +SIZE +OWN +STATE +LAST USED +PUBLISHED +MARKED BY$");
        run.Lines.Should().ContainSingle(line => line.Contains("(filter ")).Which.Should().MatchRegex(@" 1  +2 B  +\S+ \S+ +complete ");
        run.Lines.Should().ContainSingle(line => line.StartsWith(Reference + "  "))
            .Which.Should().MatchRegex(@"  [0-9a-f]{12}  current +2 +2\.0 KiB +\d\.\d KiB +complete( +\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ){2} +-$");
        var column = run.Lines[0].IndexOf("STATE", StringComparison.Ordinal);
        run.Lines[1..3].Should().OnlyContain(line => line.IndexOf("complete", StringComparison.Ordinal) == column);
        run.Lines[3].Should().MatchRegex(@"^\d\.\d KiB in all$");
    }

    [Fact]
    public async Task List_is_json_for_machines()
    {
        var path = (await Fetch()).Lines[0];
        var run = await ProgramRun.Of("list", "--cache", _folder["cache"], "-o", "JSON");
        var version = JsonDocument.Parse(run.Output).RootElement.EnumerateArray().Should().ContainSingle().Which;
        version.EnumerateObject().Select(property => property.Name).Should().Equal(
            "reference", "version", "revisions", "filter", "files", "bytes", "complete", "publishedAt", "path", "bytesOwn", "lastUsedAt", "marks", "inProgress");
        version.GetProperty("reference").GetString().Should().Be(Reference);
        version.GetProperty("revisions").EnumerateArray().Select(revision => revision.GetString()).Should().Equal("current");
        version.GetProperty("filter").GetString().Should().Be("default");
        version.GetProperty("files").GetInt32().Should().Be(2);
        version.GetProperty("bytes").GetInt64().Should().Be(2050);
        version.GetProperty("complete").GetBoolean().Should().BeTrue();
        version.GetProperty("publishedAt").GetDateTimeOffset().Should().BeCloseTo(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(5));
        version.GetProperty("bytesOwn").GetInt64().Should().BeGreaterThan(2050, "its records go with it");
        version.GetProperty("lastUsedAt").GetDateTimeOffset().Should().BeCloseTo(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(5));
        version.GetProperty("marks").GetArrayLength().Should().Be(0);
        version.GetProperty("inProgress").GetArrayLength().Should().Be(0);
        version.GetProperty("path").GetString().Should().Be(path).And.EndWith(version.GetProperty("version").GetString());
    }

    [Fact]
    public async Task List_sees_that_a_file_is_gone()
    {
        var path = (await Fetch()).Lines[0];
        File.Delete(Path.Combine(path, "model.safetensors"));
        var run = await ProgramRun.Of("list", "--cache", _folder["cache"]);
        run.Code.Should().Be(ExitCode.Done);
        run.Lines[1].Should().Contain(" incomplete ");
    }

    [Fact]
    public async Task An_empty_cache_lists_nothing()
    {
        Directory.CreateDirectory(_folder["cache"]);
        (await ProgramRun.Of("list", "--cache", _folder["cache"], "-o", "json")).Output.Trim().Should().Be("[]");
        (await ProgramRun.Of("list", "--cache", _folder["cache"])).Lines.Should().HaveCount(2).And.HaveElementAt(1, "0 B in all");
        (await ProgramRun.Of("verify", "--cache", _folder["cache"])).Should().Match<ProgramRun>(run => run.Code == ExitCode.Done && run.Output.Length == 0);
    }

    [Theory]
    [InlineData("list")]
    [InlineData("verify")]
    [InlineData("prune")]
    public async Task A_cache_that_is_not_there_is_66(string verb)
    {
        var run = await ProgramRun.Of(verb, "--cache", _folder["nowhere"]);
        run.Code.Should().Be(ExitCode.NotFound);
        run.ErrorLines.Should().ContainSingle().Which.Should().Contain(_folder["nowhere"]);
        Directory.Exists(_folder["nowhere"]).Should().BeFalse();
    }

    [Fact]
    public async Task Verify_says_ok_for_what_is_as_it_was_published()
    {
        var version = Path.GetFileName((await Fetch()).Lines[0]);
        var run = await ProgramRun.Of("verify", Reference, "--cache", _folder["cache"]);
        run.Should().Be(new ProgramRun(ExitCode.Done, $"ok\t{Reference}\t{version}\t2 files\n", ""));
    }

    [Fact]
    public async Task Verify_withdraws_and_names_what_has_rotted_and_the_next_fetch_repairs_it()
    {
        var path = (await Fetch()).Lines[0];
        var weights = Path.Combine(path, "model.safetensors");
        File.WriteAllText(weights, new string('W', 2048));

        var run = await ProgramRun.Of("verify", "--cache", _folder["cache"]);
        run.Code.Should().Be(ExitCode.WrongContent);
        run.Lines.Should().ContainSingle().Which.Should().StartWith($"bad\t{Reference}\t");
        run.ErrorLines.Should().HaveCount(2);
        run.ErrorLines[0].Should().StartWith("warning: model.safetensors of " + Reference).And.MatchRegex("expected sha256:[0-9a-f]{64}, got [0-9a-f]{64}");
        run.ErrorLines[1].Should().StartWith("error: 1 file in ");
        File.Exists(weights).Should().BeFalse();

        (await Fetch()).Code.Should().Be(ExitCode.Done);
        File.ReadAllText(weights).Should().Be(new string('w', 2048));
        (await ProgramRun.Of("verify", "--cache", _folder["cache"])).Code.Should().Be(ExitCode.Done);
    }

    [Fact]
    public async Task Verify_names_the_model_that_is_not_there_beside_one_that_is()
    {
        await Fetch();
        var run = await ProgramRun.Of("verify", Reference, "hf://nobody/nothing", "--cache", _folder["cache"]);
        run.Code.Should().Be(ExitCode.NotFound);
        run.Lines.Should().ContainSingle().Which.Should().StartWith("ok\t");
        run.ErrorLines.Should().ContainSingle().Which.Should().Contain("hf://nobody/nothing").And.NotContain(Reference);
    }

    [Fact]
    public async Task List_names_the_pods_that_use_a_version()
    {
        await Fetch("--mark", "default/vllm-0/0f2a7c1e-9f43-4d0f-8e55-7a1f0b6c3d21@node-7");
        (await ProgramRun.Of("list", "--cache", _folder["cache"])).Lines[1].Should().EndWith("  default/vllm-0");
        JsonDocument.Parse((await ProgramRun.Of("list", "--cache", _folder["cache"], "-o", "json")).Output).RootElement[0].GetProperty("marks")[0].GetString()
            .Should().Be("default/vllm-0/0f2a7c1e-9f43-4d0f-8e55-7a1f0b6c3d21@node-7");
    }

    [Fact]
    public async Task Prune_prints_a_line_for_each_thing_it_does_and_the_bytes_that_came_free()
    {
        var version = Path.GetFileName((await Fetch("--mark", "a batch job")).Lines[0]);
        (await ProgramRun.Of("prune", "--cache", _folder["cache"], "--keep", "0")).Lines.Should().Equal(
            $"kept\t{Reference}\t{version}\tmarked by a batch job", "freed\t0");
        var foreseen = await ProgramRun.Of("prune", "--cache", _folder["cache"], "--keep", "0", "--ignore-marks", "--dry-run");
        var run = await ProgramRun.Of("prune", "--cache", _folder["cache"], "--keep", "0", "--ignore-marks");
        run.Should().Be(foreseen);
        run.Lines.Should().HaveCount(2);
        run.Lines[0].Should().MatchRegex($@"^removed\t{Reference}\t{version}\t\d+\tbeyond the 0 last used$");
        run.Lines[1].Should().Be("freed\t" + run.Lines[0].Split('\t')[3]);
        run.Code.Should().Be(ExitCode.Done);
    }

    [Fact]
    public async Task Prune_is_json_for_machines()
    {
        await Fetch();
        var report = JsonDocument.Parse((await ProgramRun.Of("prune", "--cache", _folder["cache"], "--max-bytes", "1Ki", "-o", "json")).Output).RootElement;
        report.EnumerateObject().Select(property => property.Name).Should().Equal("dryRun", "removed", "kept", "reclaimed", "bytesFreed", "bytesLeft");
        report.GetProperty("removed")[0].GetProperty("reference").GetString().Should().Be(Reference);
        report.GetProperty("bytesLeft").GetInt64().Should().BeLessThanOrEqualTo(1024);
    }

    [Fact]
    public async Task Prune_that_is_told_nothing_reclaims_leftovers_only_and_says_so()
    {
        await Fetch();
        var run = await ProgramRun.Of("prune", "--cache", _folder["cache"]);
        run.Lines.Should().Equal("freed\t0");
        run.ErrorLines.Should().ContainSingle().Which.Should().Contain("--keep");
        (await ProgramRun.Of("verify", "--cache", _folder["cache"])).Lines.Should().ContainSingle();
    }

    [Fact]
    public async Task Prune_says_where_it_could_not_keep_within_the_bytes()
    {
        await Fetch("--mark", "a batch job");
        var run = await ProgramRun.Of("prune", "--cache", _folder["cache"], "--max-bytes", "0");
        run.Code.Should().Be(ExitCode.Done);
        run.ErrorLines.Should().ContainSingle().Which.Should().Contain("more than --max-bytes 0");
    }

    private Task<ProgramRun> Fetch(params string[] options) => ProgramRun.Of(["fetch", Reference, "--cache", _folder["cache"], .. options]);
}
