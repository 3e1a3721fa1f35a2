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
        run.Lines.Should().HaveCount(3);
        run.Lines[0].Should().MatchRegex(@"^REFERENCE +VERSION +REVISIONS +FILES +SIZE +STATE +PUBLISHED$");
        run.Lines.Should().ContainSingle(line => line.Contains("(filter ")).Which.Should().MatchRegex(@" 1  +2 B  +complete ");
        run.Lines.Should().ContainSingle(line => line.StartsWith(Reference + "  "))
            .Which.Should().MatchRegex(@"  [0-9a-f]{12}  current +2 +2\.0 KiB  complete +\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$");
        var column = run.Lines[0].IndexOf("STATE", StringComparison.Ordinal);
        run.Lines.Skip(1).Should().OnlyContain(line => line.IndexOf("complete", StringComparison.Ordinal) == column);
    }

    [Fact]
    public async Task List_is_json_for_machines()
    {
        var path = (await Fetch()).Lines[0];
        var run = await ProgramRun.Of("list", "--cache", _folder["cache"], "-o", "JSON");
        var version = JsonDocument.Parse(run.Output).RootElement.EnumerateArray().Should().ContainSingle().Which;
        version.EnumerateObject().Select(property => property.Name).Should().Equal(
            "reference", "version", "revisions", "filter", "files", "bytes", "complete", "publishedAt", "path");
        version.GetProperty("reference").GetString().Should().Be(Reference);
        version.GetProperty("revisions").EnumerateArray().Select(revision => revision.GetString()).Should().Equal("current");
        version.GetProperty("filter").GetString().Should().Be("default");
        version.GetProperty("files").GetInt32().Should().Be(2);
        version.GetProperty("bytes").GetInt64().Should().Be(2050);
        version.GetProperty("complete").GetBoolean().Should().BeTrue();
        version.GetProperty("publishedAt").GetDateTimeOffset().Should().BeCloseTo(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(5));
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
        (await ProgramRun.Of("list", "--cache", _folder["cache"])).Lines.Should().ContainSingle().Which.Should().StartWith("REFERENCE");
        (await ProgramRun.Of("verify", "--cache", _folder["cache"])).Should().Match<ProgramRun>(run => run.Code == ExitCode.Done && run.Output.Length == 0);
    }

    [Theory]
    [InlineData("list")]
    [InlineData("verify")]
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

    private Task<ProgramRun> Fetch(params string[] options) => ProgramRun.Of(["fetch", Reference, "--cache", _folder["cache"], .. options]);
}
