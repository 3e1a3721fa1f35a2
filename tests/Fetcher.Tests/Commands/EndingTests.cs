using System.Text;
using Stevedore.Contract;
using Stevedore.Fetcher.Commands;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Tests.Support;

namespace Stevedore.Fetcher.Tests.Commands;

public sealed class EndingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Scrubber _scrubber = new(_ => null);

    private string Log => _folder["termination-log"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(28, "full")]
    [InlineData(unchecked((int)0x80070070), "full")]
    [InlineData(122, "quota")]
    [InlineData(30, "read-only")]
    [InlineData(5, "refuses")]
    public void A_volume_that_refuses_is_73_with_the_reason(int errno, string reason)
    {
        var ending = Ending.For(new IOException("what the system says", errno), "fetch of hf://a/b");
        ending.Code.Should().Be(ExitCode.CannotWrite);
        ending.Sentence.Should().Contain("hf://a/b").And.Contain(reason).And.Contain("what the system says").And.EndWith(".");
    }

    [Fact]
    public void What_the_system_itself_throws_is_mapped()
    {
        File.WriteAllText(_folder["file"], "");
        var below = () => Directory.CreateDirectory(_folder["file/below"]);
        Ending.For(below.Should().Throw<IOException>().Which, "fetch").Code.Should().Be(ExitCode.CannotWrite);
    }

    [Fact]
    public void Missing_permission_names_the_user_by_number()
    {
        var ending = Ending.For(new UnauthorizedAccessException("Access to the path '/c' is denied."), "fetch of hf://a/b");
        ending.Code.Should().Be(ExitCode.CannotWrite);
        ending.Sentence.Should().MatchRegex(@"uid \d+ ").And.Contain("fsGroup");
    }

    [Fact]
    public void An_expected_failure_keeps_its_code_and_sentence_however_it_is_wrapped()
    {
        var failure = new FetchException(ExitCode.NoPermission, "It is gated.");
        Ending.For(failure, "fetch").Should().Be(new Ending(ExitCode.NoPermission, "It is gated."));
        Ending.For(new AggregateException(new AggregateException(failure)), "fetch").Should().Be(new Ending(ExitCode.NoPermission, "It is gated."));
    }

    [Fact]
    public void What_nobody_foresaw_is_70_and_asks_to_be_reported() =>
        Ending.For(new InvalidOperationException("odd"), "fetch of hf://a/b").Should().Match<Ending>(ending =>
            ending.Code == ExitCode.Internal && ending.Sentence!.Contains("InvalidOperationException: odd") && ending.Sentence.Contains("STEVEDORE_DEBUG=1"));

    [Fact]
    public void A_signal_says_what_it_stopped_and_how_far_it_came()
    {
        var meter = new FetchMeter();
        Ending.For(ExitCode.Terminated, meter, "fetch of hf://a/b").Sentence.Should().Be("The fetch of hf://a/b was stopped by SIGTERM; start it again.");
        meter.Want(1, 100);
        meter.Present(40);
        Ending.For(ExitCode.Interrupted, meter, "fetch of hf://a/b").Should().Be(
            new Ending(ExitCode.Interrupted, "The fetch of hf://a/b was stopped by SIGINT; the next start goes on from 40 of 100 bytes."));
    }

    [Fact]
    public void The_termination_message_replaces_what_was_there()
    {
        File.WriteAllText(Log, new string('x', 100));
        new Ending(ExitCode.Usage, "Short.").Leave(Log, _scrubber);
        File.ReadAllText(Log).Should().Be("Short.");
    }

    [Theory]
    [InlineData("x")]
    [InlineData("模")]
    [InlineData("😀")]
    public void The_termination_message_is_at_most_what_Kubernetes_keeps_and_ends_with_a_whole_character(string character)
    {
        File.WriteAllText(Log, "");
        new Ending(ExitCode.Usage, "a" + string.Concat(Enumerable.Repeat(character, 5000))).Leave(Log, _scrubber);
        var bytes = File.ReadAllBytes(Log);
        bytes.Length.Should().BeInRange(4093, 4096);
        new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes).Should().EndWith(character);
    }

    [Fact]
    public void The_termination_message_is_scrubbed_and_on_one_line()
    {
        File.WriteAllText(Log, "");
        new Ending(ExitCode.Usage, "It was https://user:pw@host/x?sig=abc\nand more.").Leave(Log, _scrubber);
        File.ReadAllText(Log).Should().Be("It was https://…@host/x?… and more.");
    }

    [Fact]
    public void A_missing_or_unwritable_termination_log_is_nobodys_loss()
    {
        new Ending(ExitCode.Usage, "Sentence.").Leave(_folder["missing"], _scrubber);
        new Ending(ExitCode.Usage, "Sentence.").Leave(_folder["missing/below"], _scrubber);
        new Ending(ExitCode.Usage, "Sentence.").Leave(_folder.Path, _scrubber);
        new Ending(ExitCode.Usage, "Sentence.").Leave("", _scrubber);
        Directory.EnumerateFileSystemEntries(_folder.Path).Should().BeEmpty();
    }

    [Fact]
    public void A_run_that_went_well_leaves_the_termination_log_alone()
    {
        File.WriteAllText(Log, "somebody else's");
        Ending.Well.Leave(Log, _scrubber);
        File.ReadAllText(Log).Should().Be("somebody else's");
    }
}
