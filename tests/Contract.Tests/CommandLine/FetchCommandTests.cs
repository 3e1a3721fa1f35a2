using System.CommandLine;
using CsCheck;
using Stevedore.Contract.CommandLine;
using Stevedore.Contract.References;
using Stevedore.Contract.Values;
using Stevedore.Fetcher.Commands;

namespace Stevedore.Contract.Tests.CommandLine;

public sealed class FetchCommandTests
{
    [Fact]
    public void The_fetcher_reads_what_the_webhook_wrote() =>
        ArbitraryCommand.Any.Sample(command => Read(command.ToArguments()).Should().BeEquivalentTo(command, As.Values), iter: 2000);

    [Fact]
    public void What_equals_its_default_is_left_out() =>
        new FetchCommand([new HubReference("Qwen", "Qwen3-8B", null)], "/var/cache/stevedore").ToArguments()
            .Should().Equal("fetch", "hf://Qwen/Qwen3-8B", "--cache", "/var/cache/stevedore");

    [Fact]
    public void What_is_written_reads_well_in_a_pod()
    {
        var qwen = new HubReference("Qwen", "Qwen3-8B", "main");
        new FetchCommand([qwen], "/var/cache/stevedore")
        {
            View = "/run/stevedore",
            Aliases = [new ModelAlias(qwen, "/models/qwen")],
            Include = [new Glob("*.safetensors"), new Glob("-odd")],
            Refresh = TimeSpan.Zero,
            RequirePresent = true,
            Wait = TimeSpan.FromMinutes(90),
            Memory = new ByteSize(512 << 20),
            Progress = ProgressStyle.Json,
        }.ToArguments().Should().Equal(
            "fetch", "hf://Qwen/Qwen3-8B@main", "--cache", "/var/cache/stevedore", "--view", "/run/stevedore", "--as", "hf://Qwen/Qwen3-8B@main=/models/qwen",
            "--include", "*.safetensors", "--include=-odd", "--refresh", "0s", "--require-present", "--wait", "1h30m", "--memory", "512Mi", "--progress", "json");
    }

    [Fact]
    public void A_bare_name_and_a_choice_in_capitals_are_read_as_a_person_means_them()
    {
        var command = Read(["fetch", "--progress", "JSON", "Qwen/Qwen3-8B", "--verification=Full", "hf://Qwen/Qwen3-8B", "--cache", "cache/../cache"]);
        command.References.Should().Equal(new HubReference("Qwen", "Qwen3-8B", null));
        command.Progress.Should().Be(ProgressStyle.Json);
        command.Verification.Should().Be(Verification.Full);
        command.Cache.Should().Be(Path.GetFullPath("cache"));
    }

    private static FetchCommand Read(IReadOnlyList<string> arguments)
    {
        var verb = new FetchVerb();
        var parsed = CommandLineParser.Parse(new RootCommand { verb.Command() }, arguments);
        CommandLineParser.ProblemOf(parsed).Should().BeNull();
        return verb.Read(parsed).OrThrow();
    }

    private static class As
    {
        /// <summary>Lists in order, values by their own equality.</summary>
        public static FluentAssertions.Equivalency.EquivalencyAssertionOptions<FetchCommand> Values(
            FluentAssertions.Equivalency.EquivalencyAssertionOptions<FetchCommand> options) => options
            .WithStrictOrdering().ComparingByValue<ModelReference>().ComparingByValue<ModelAlias>().ComparingByValue<Glob>().ComparingByValue<MirrorRule>().ComparingByValue<ByteSize>();
    }
}
