using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Stevedore.Contract.CommandLine;
using Stevedore.Fetcher.Reporting;

namespace Stevedore.Fetcher.Tests.Reporting;

public sealed class ProgressReporterTests : IDisposable
{
    private const string ClearLine = "\r\u001b[K";
    private const int Mebi = 1 << 20;

    private readonly FakeTimeProvider _time = new();
    private readonly FetchMeter _meter = new();
    private readonly StringWriter _output = new();

    public void Dispose() => _output.Dispose();

    private string[] Lines => _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [Theory]
    [InlineData(ProgressStyle.Auto, true, "xterm-256color", ProgressStyle.Bar)]
    [InlineData(ProgressStyle.Auto, true, "dumb", ProgressStyle.Plain)]
    [InlineData(ProgressStyle.Auto, true, "", ProgressStyle.Plain)]
    [InlineData(ProgressStyle.Auto, true, null, ProgressStyle.Plain)]
    [InlineData(ProgressStyle.Auto, false, "xterm-256color", ProgressStyle.Plain)]
    [InlineData(ProgressStyle.Bar, false, null, ProgressStyle.Bar)]
    [InlineData(ProgressStyle.Json, true, "xterm-256color", ProgressStyle.Json)]
    [InlineData(ProgressStyle.None, true, "xterm-256color", ProgressStyle.None)]
    public void Auto_is_a_bar_only_where_a_line_can_be_redrawn(ProgressStyle asked, bool isTerminal, string? term, ProgressStyle chosen) =>
        ProgressReporter.Choose(asked, isTerminal, term).Should().Be(chosen);

    [Fact]
    public void Plain_is_a_line_every_five_seconds()
    {
        using var reporter = Reporter(ProgressStyle.Plain);
        _time.Advance(TimeSpan.FromSeconds(4.9));
        _output.ToString().Should().BeEmpty();
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Lines.Should().Equal("asking the source");

        Receive(wanted: 40 * Mebi, received: 10 * Mebi);
        _time.Advance(TimeSpan.FromSeconds(5));
        Lines.Should().HaveCount(2);
        Lines[1].Should().Be("25 % 10.0 of 40.0 MiB, 0 of 2 files, 2.0 MiB/s, 0:00:15 left");

        _meter.WaitingFor = "another fetcher on node-1";
        _time.Advance(TimeSpan.FromSeconds(10));
        Lines.Should().HaveCount(4);
        Lines[3].Should().Be("waiting for another fetcher on node-1");
        _output.ToString().Should().NotContain("\u001b").And.NotContain("\r");
    }

    [Fact]
    public void The_speed_is_smoothed_and_the_time_left_is_left_out_when_nothing_comes()
    {
        using var reporter = Reporter(ProgressStyle.Plain);
        Receive(wanted: 100 * Mebi, received: 50 * Mebi);
        _time.Advance(TimeSpan.FromSeconds(5));
        Lines[^1].Should().Contain("10.0 MiB/s");
        _time.Advance(TimeSpan.FromSeconds(5));
        Lines[^1].Should().Contain("7.0 MiB/s");
        for (var i = 0; i < 60; i++)
            _time.Advance(TimeSpan.FromSeconds(5));
        Lines[^1].Should().Contain("0.0 MiB/s").And.NotContain("left");
    }

    [Fact]
    public void What_was_there_before_is_no_speed()
    {
        using var reporter = Reporter(ProgressStyle.Plain);
        _meter.Want(1, 100 * Mebi);
        _meter.Present(90 * Mebi);
        _time.Advance(TimeSpan.FromSeconds(5));
        Lines.Should().ContainSingle().Which.Should().StartWith("90 % ").And.Contain("0.0 MiB/s");
    }

    [Fact]
    public void Json_is_an_object_a_line_with_stable_names()
    {
        using var reporter = Reporter(ProgressStyle.Json);
        Receive(wanted: 40 * Mebi, received: 10 * Mebi);
        _meter.Verified(5, TimeSpan.Zero);
        _meter.Published(1);
        _meter.Retry(RetryCause.Broken);
        _time.Advance(TimeSpan.FromSeconds(5));
        reporter.Warn("Slow.");
        reporter.Info("Well.");
        reporter.Close();
        reporter.Fail("Broken.");

        var events = Lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        events.Select(line => line.GetProperty("event").GetString()).Should().Equal("progress", "warning", "note", "done", "error");
        var progress = events[0];
        progress.EnumerateObject().Select(property => property.Name).Should().Equal(
            "event", "bytesPresent", "bytesWanted", "bytesReceived", "bytesVerified", "filesPublished", "filesWanted", "retries", "bytesPerSecond", "elapsedSeconds");
        progress.GetProperty("bytesPresent").GetInt64().Should().Be(10 * Mebi);
        progress.GetProperty("bytesWanted").GetInt64().Should().Be(40 * Mebi);
        progress.GetProperty("bytesReceived").GetInt64().Should().Be(10 * Mebi);
        progress.GetProperty("bytesVerified").GetInt64().Should().Be(5);
        progress.GetProperty("filesPublished").GetInt32().Should().Be(1);
        progress.GetProperty("filesWanted").GetInt32().Should().Be(2);
        progress.GetProperty("retries").GetInt32().Should().Be(1);
        progress.GetProperty("bytesPerSecond").GetInt64().Should().Be(2 * Mebi);
        progress.GetProperty("elapsedSeconds").GetDouble().Should().Be(5);
        events[1].GetProperty("message").GetString().Should().Be("Slow.");
        events[4].GetProperty("message").GetString().Should().Be("Broken.");
    }

    [Fact]
    public void A_bar_is_redrawn_on_its_line_and_makes_room_for_a_warning()
    {
        using var reporter = Reporter(ProgressStyle.Bar);
        Receive(wanted: 40 * Mebi, received: 10 * Mebi);
        _time.Advance(TimeSpan.FromMilliseconds(200));
        _time.Advance(TimeSpan.FromMilliseconds(200));
        reporter.Warn("Slow.");
        _time.Advance(TimeSpan.FromMilliseconds(200));

        var frames = _output.ToString().Split(ClearLine);
        frames.Should().HaveCount(5);
        frames[0].Should().BeEmpty();
        frames[1].Should().StartWith("[######..................] 25 %").And.NotContain("\n");
        frames[2].Should().StartWith("[######..................] 25 %").And.NotContain("\n");
        frames[3].Should().Be("warning: Slow.\n", "the bar is taken away first");
        frames[4].Should().StartWith("[######..................] 25 %").And.NotContain("\n");
    }

    [Fact]
    public void A_bar_is_gone_when_the_run_is_over()
    {
        var reporter = Reporter(ProgressStyle.Bar);
        _time.Advance(TimeSpan.FromMilliseconds(200));
        reporter.Dispose();
        var written = _output.ToString();
        written.Should().EndWith(ClearLine);
        _time.Advance(TimeSpan.FromSeconds(1));
        _output.ToString().Should().Be(written);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(40)]
    public void A_bar_is_cut_so_that_it_never_wraps(int width)
    {
        using var reporter = Reporter(ProgressStyle.Bar, width);
        Receive(wanted: 40 * Mebi, received: 10 * Mebi);
        _time.Advance(TimeSpan.FromMilliseconds(200));
        _output.ToString()[ClearLine.Length..].Should().HaveLength(width - 1).And.StartWith("[######");
    }

    [Fact]
    public void A_full_bar_is_full_and_not_more()
    {
        using var reporter = Reporter(ProgressStyle.Bar);
        Receive(wanted: 10, received: 20);
        _time.Advance(TimeSpan.FromMilliseconds(200));
        _output.ToString().Should().Contain("[########################] 100 %");
    }

    [Fact]
    public void None_is_silent_but_for_warnings_and_errors()
    {
        using var reporter = Reporter(ProgressStyle.None);
        Receive(wanted: 10, received: 5);
        _time.Advance(TimeSpan.FromMinutes(1));
        reporter.Info("Well.");
        reporter.Close();
        _output.ToString().Should().BeEmpty();
        reporter.Warn("Slow.");
        reporter.Fail("Broken.");
        reporter.Debug("at Here()\n   at There()");
        Lines.Should().Equal("warning: Slow.", "error: Broken.", "debug: at Here()    at There()");
    }

    [Fact]
    public void The_summary_tells_what_was_fetched_from_what_was_there()
    {
        using var reporter = Reporter(ProgressStyle.Plain);
        _meter.Want(2, 40 * Mebi);
        _meter.Present(40 * Mebi);
        _meter.Received(10 * Mebi);
        _meter.Verified(20 * Mebi, TimeSpan.Zero);
        _time.Advance(TimeSpan.FromSeconds(2.5));
        reporter.Close();
        Lines.Should().Equal("done: 10.0 MiB fetched, 30.0 MiB were there, 20.0 MiB verified, 2.5 s");
    }

    [Theory]
    [InlineData(ProgressStyle.Plain)]
    [InlineData(ProgressStyle.Json)]
    [InlineData(ProgressStyle.Bar)]
    [InlineData(ProgressStyle.None)]
    public void Nothing_is_said_unscrubbed_or_on_two_lines(ProgressStyle style)
    {
        using var reporter = Reporter(style);
        reporter.Warn("At https://user:pass@host/x?sig=abc\nit broke.");
        Lines.Should().ContainSingle().Which.Should().Contain("host/x?").And.NotContain("pass").And.NotContain("abc");
    }

    [Fact]
    public void A_closed_stderr_is_nobodys_loss()
    {
        var output = new StringWriter();
        output.Dispose();
        using var reporter = new ProgressReporter(ProgressStyle.Plain, _meter, output, new Scrubber(_ => null), _time, 80);
        _time.Advance(TimeSpan.FromSeconds(5));
        var fail = () => reporter.Fail("Broken.");
        fail.Should().NotThrow();
    }

    private ProgressReporter Reporter(ProgressStyle style, int width = 120) => new(style, _meter, _output, new Scrubber(_ => null), _time, width);

    private void Receive(long wanted, long received)
    {
        _meter.Want(2, wanted);
        _meter.Present(received);
        _meter.Received(received);
    }
}
