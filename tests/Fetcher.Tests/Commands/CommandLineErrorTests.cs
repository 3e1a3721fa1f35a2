using Stevedore.Contract;
using Stevedore.Fetcher.Tests.Support;

namespace Stevedore.Fetcher.Tests.Commands;

public sealed class CommandLineErrorTests
{
    [Theory]
    [InlineData("fetch, verify, list, prune or mirror")]
    [InlineData("\"frobnicate\" is not a command", "frobnicate")]
    [InlineData("--bogus is not an option", "--bogus")]
    [InlineData("--cache", "fetch", "hf://a/b")]
    [InlineData("--cache", "fetch", "hf://a/b", "--cache")]
    [InlineData("REF", "fetch", "--cache", "/c")]
    [InlineData("--cache", "fetch", "hf://a/b", "--cache", "/c", "--cache", "/d")]
    [InlineData("--keep is \"-1\"", "prune", "--cache", "/c", "--keep", "-1")]
    [InlineData("--unused-for: \"30d\" is not a duration", "prune", "--cache", "/c", "--unused-for", "30d")]
    [InlineData("--max-bytes: \"much\" is not a size", "prune", "--cache", "/c", "--max-bytes", "much")]
    [InlineData("at least 1s", "prune", "--cache", "/c", "--lease-ttl", "0")]
    [InlineData("text or json", "prune", "--cache", "/c", "-o", "table")]
    [InlineData("calls two models \"/m\"", "fetch", "hf://a/b", "hf://c/d", "--cache", "/c", "--as", "hf://a/b=/m", "--as", "hf://c/d=/m/")]
    [InlineData("lie in each other", "fetch", "hf://a/b", "--cache", "/c", "--view", "/c/view")]
    [InlineData("lie in each other", "fetch", "hf://a/b", "--cache", "/c", "--view", "/c")]
    [InlineData("--cache is empty", "fetch", "hf://a/b", "--cache", "")]
    [InlineData("--bogus is not an option of fetch", "fetch", "hf://a/b", "--cache", "/c", "--bogus")]
    [InlineData("--bogus=1 is not an option of fetch", "fetch", "--bogus=1", "hf://a/b", "--cache", "/c")]
    [InlineData("-x is not an option of verify", "verify", "-x", "--cache", "/c")]
    [InlineData("list takes no \"extra\"", "list", "--cache", "/c", "extra")]
    [InlineData("unknown scheme \"ftp\"", "fetch", "ftp://a/b", "--cache", "/c")]
    [InlineData("OWNER/NAME", "fetch", "gpt2", "--cache", "/c")]
    [InlineData("is a path", "fetch", "/h", "--cache", "/c")]
    [InlineData("mounted", "fetch", "pvc://claim/path", "--cache", "/c")]
    [InlineData("mounted", "fetch", "oci://registry.example.com/llama:v1", "--cache", "/c")]
    [InlineData("--refresh: \"10\" is not a duration", "fetch", "hf://a/b", "--cache", "/c", "--refresh", "10")]
    [InlineData("--wait: \"soon\" is not a duration", "fetch", "hf://a/b", "--cache", "/c", "--wait", "soon")]
    [InlineData("--lease-ttl is \"1ms\"", "fetch", "hf://a/b", "--cache", "/c", "--lease-ttl", "1ms")]
    [InlineData("--memory: \"much\" is not a size", "fetch", "hf://a/b", "--cache", "/c", "--memory", "much")]
    [InlineData("at least 32Mi", "fetch", "hf://a/b", "--cache", "/c", "--memory", "1Mi")]
    [InlineData("from 1 to 256", "fetch", "hf://a/b", "--cache", "/c", "--connections", "0")]
    [InlineData("from 1 to 256", "fetch", "hf://a/b", "--cache", "/c", "--connections", "257")]
    [InlineData("from 1 to 256", "fetch", "hf://a/b", "--cache", "/c", "--connections", "many")]
    [InlineData("size, full", "fetch", "hf://a/b", "--cache", "/c", "--verification", "none")]
    [InlineData("size, full", "fetch", "hf://a/b", "--cache", "/c", "--verification", "1")]
    [InlineData("auto, bar, plain, json, none", "fetch", "hf://a/b", "--cache", "/c", "--progress", "fancy")]
    [InlineData("auto, bar, plain, json, none", "fetch", "hf://a/b", "--cache", "/c", "--progress", "auto,json")]
    [InlineData("absolute path", "fetch", "hf://a/b", "--cache", "/c", "--cache-seen-as", "relative")]
    [InlineData("--view is empty", "fetch", "hf://a/b", "--cache", "/c", "--view", "")]
    [InlineData("REF=NAME", "fetch", "hf://a/b", "--cache", "/c", "--as", "hf://a/b")]
    [InlineData("not among the references", "fetch", "hf://a/b", "--cache", "/c", "--as", "hf://x/y=name")]
    [InlineData("PREFIX=TARGET", "fetch", "hf://a/b", "--cache", "/c", "--mirror", "x")]
    [InlineData("--mirror: ", "fetch", "hf://a/b", "--cache", "/c", "--mirror", "hf://=oci://registry.example/models:1")]
    [InlineData("--mark is \"\"", "fetch", "hf://a/b", "--cache", "/c", "--mark", "")]
    [InlineData("printable", "fetch", "hf://a/b", "--cache", "/c", "--mark", "a\nb")]
    [InlineData("--s3-endpoint", "fetch", "hf://a/b", "--cache", "/c", "--s3-endpoint", "https://user:Secret123@s3.example.com")]
    [InlineData("table or json", "list", "--cache", "/c", "-o", "yaml")]
    [InlineData("mounted", "verify", "pvc://claim/path", "--cache", "/c")]
    [InlineData("user name", "fetch", "https://user:Secret123@host/dir/", "--cache", "/c")]
    [InlineData("query", "fetch", "https://host/dir/?token=Secret123", "--cache", "/c")]
    public async Task What_nobody_can_mean_is_one_sentence_on_stderr_and_exit_64(string sentence, params string[] arguments)
    {
        var run = await ProgramRun.Of(arguments);
        run.Code.Should().Be(ExitCode.Usage);
        run.Output.Should().BeEmpty();
        run.ErrorLines.Should().ContainSingle().Which.Should().StartWith("error: ").And.Contain(sentence).And.EndWith(".").And.NotContain("Secret123");
    }

    [Fact]
    public async Task Help_and_version_go_to_stdout()
    {
        var help = await ProgramRun.Of("fetch", "--help");
        help.Code.Should().Be(ExitCode.Done);
        help.Errors.Should().BeEmpty();
        help.Output.Should().ContainAll("REF", "--cache", "--require-present", "--progress");
        (await ProgramRun.Of("--version")).Output.Trim().Should().MatchRegex(@"^\d+\.\d+\.\d+");
    }

    [Fact]
    public async Task The_sentence_is_left_where_Kubernetes_reads_it()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["termination-log"], "");
        await ProgramRun.With(new() { ["STEVEDORE_TERMINATION_LOG"] = folder["termination-log"] }, "fetch", "gpt2", "--cache", "/c");
        File.ReadAllText(folder["termination-log"]).Should().StartWith("The model reference \"gpt2\"").And.EndWith(".");
    }

    [Theory]
    [InlineData("hf://a/b", "HF_ENDPOINT", "not a web address")]
    [InlineData("hf://a/b", "HF_ENDPOINT", "https://user:Secret123@hub.example.com")]
    [InlineData("hf://a/b", "HF_TOKEN", "Secret123 Secret123")]
    public async Task An_environment_that_can_not_be_meant_is_told_as_usage(string reference, string variable, string value)
    {
        using var folder = new TemporaryFolder();
        var run = await ProgramRun.With(new() { [variable] = value }, "fetch", reference, "--cache", folder["cache"], "--progress", "none");
        run.Code.Should().Be(ExitCode.Usage);
        run.ErrorLines.Should().ContainSingle().Which.Should().Contain(variable).And.NotContain("Secret123");
        Directory.Exists(folder["cache"]).Should().BeFalse();
    }
}
