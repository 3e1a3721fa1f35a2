using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Stevedore.HubFixture;
using Stevedore.Smoke.Tests.Support;

namespace Stevedore.Smoke.Tests;

/// <summary>Runs that are stopped in the middle, and what the next start makes of what they left.</summary>
[Collection(nameof(Alone))]
public sealed class StoppingTests : IAsyncLifetime
{
    private const int Mebi = 1 << 20;
    private const int Size = 32 * Mebi;
    private const int Connections = 2;
    // Of the two chunks of 16 MiB so much each comes before the Hub falls silent.
    private const int Sent = 12 * Mebi;
    private Quay _quay = null!;

    public async ValueTask InitializeAsync()
    {
        _quay = await Quay.OpenAsync();
        _quay.Publish(Size);
    }

    public ValueTask DisposeAsync() => _quay.DisposeAsync();

    [Fact]
    public async Task SIGTERM_ends_a_run_within_a_second_with_143_and_the_next_asks_only_for_the_rest()
    {
        var silence = _quay.Hub.Faults.Add(Fault.Stall(Sent).At(Listener.Cdn).Always());
        using var run = _quay.StartFetch("--connections", "2", "--view", _quay["view"]);
        await _quay.ServedAsync(2 * Sent);
        var watch = Stopwatch.StartNew();
        run.SendTerminate();
        var stopped = await run.EndAsync();
        watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(1));

        stopped.Code.Should().Be(143);
        stopped.Output.Should().BeEmpty();
        stopped.Sentence.Should().StartWith("error: The fetch of hf://org/model was stopped by SIGTERM");
        File.ReadAllText(_quay.TerminationLog).Should().Be(stopped.Sentence["error: ".Length..]);
        Directory.Exists(_quay["view/hub"]).Should().BeFalse();
        var kept = long.Parse(Regex.Match(stopped.Sentence, @"goes on from (\d+) of \d+ bytes").Groups[1].Value, CultureInfo.InvariantCulture);
        kept.Should().BeGreaterThan(Mebi);

        silence.Remove();
        _quay.Hub.ResetLog();
        (await _quay.FetchAsync("--connections", "2")).Code.Should().Be(0);
        ServedByCdn().Should().BeInRange(Size - kept - Mebi, Size - kept + (Connections * Mebi), "what was kept was {0}", kept);
        ShouldBeWhole();
    }

    [Theory]
    [InlineData(false, 143)]
    [InlineData(true, 130)]
    public async Task A_signal_ends_a_run_that_was_told_to_come_back_later(bool isInterrupt, int code)
    {
        _quay.Hub.Faults.Add(Fault.RateLimited(300).Always());
        using var run = _quay.StartFetch();
        await AskedAsync(1);
        var watch = Stopwatch.StartNew();
        if (isInterrupt)
            run.SendInterrupt();
        else
            run.SendTerminate();
        (await run.EndAsync()).Code.Should().Be(code);
        watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task SIGTERM_ends_a_run_that_waits_for_another_and_leaves_the_other_alone()
    {
        var silence = _quay.Hub.Faults.Add(Fault.Stall(Sent).At(Listener.Cdn).Always());
        using var first = _quay.StartFetch("--connections", "2");
        await _quay.ServedAsync(2 * Sent);
        using var second = _quay.StartFetch("--connections", "2");
        await AskedAsync(2);
        second.SendTerminate();
        (await second.EndAsync()).Code.Should().Be(143);
        silence.Remove();
        (await first.EndAsync()).Code.Should().Be(0);
        ServedByCdn().Should().Be(Size);
    }

    [Fact]
    public async Task SIGKILL_costs_at_most_what_was_on_its_way()
    {
        var silence = _quay.Hub.Faults.Add(Fault.Stall(Sent).At(Listener.Cdn).Always());
        using (var run = _quay.StartFetch("--connections", "2"))
        {
            await _quay.ServedAsync(2 * Sent);
            run.SendKill();
            (await run.EndAsync()).Code.Should().Be(137);
        }

        silence.Remove();
        (await _quay.FetchAsync("--connections", "2")).Code.Should().Be(0);
        ServedByCdn().Should().BeLessThanOrEqualTo(Size + (8 * Mebi * Connections));
        ShouldBeWhole();
    }

    [Fact]
    public async Task A_run_takes_over_at_once_from_one_that_was_killed_although_it_waited_for_it()
    {
        var silence = _quay.Hub.Faults.Add(Fault.Stall(Sent).At(Listener.Cdn).Always());
        using var killed = _quay.StartFetch("--connections", "2");
        await _quay.ServedAsync(2 * Sent);
        using var waiting = _quay.StartFetch("--connections", "2");
        await AskedAsync(2);
        silence.Remove();
        killed.SendKill();
        var watch = Stopwatch.StartNew();
        (await waiting.EndAsync()).Code.Should().Be(0);
        watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(15), "a dead process of the same machine is seen to be dead before its lease of 30 s ends");
        ShouldBeWhole();
    }

    private long ServedByCdn() => _quay.Hub.Log.Where(exchange => exchange.Listener == Listener.Cdn).Sum(exchange => exchange.BytesSent);

    /// <summary>Waits until so many runs have asked what <c>main</c> means.</summary>
    private async Task AskedAsync(int runs)
    {
        var watch = Stopwatch.StartNew();
        while (_quay.Hub.Log.Count(exchange => exchange.Path.EndsWith("/revision/main", StringComparison.Ordinal)) < runs)
        {
            watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(20));
            await Task.Delay(10);
        }
    }

    private void ShouldBeWhole()
    {
        var bytes = new byte[Size];
        new Random(Size).NextBytes(bytes);
        var snapshot = Directory.EnumerateDirectories(_quay["cache/hub/models--org--model/snapshots"]).Should().ContainSingle().Which;
        Quay.DigestOf(File.ReadAllBytes(Path.Combine(snapshot, "model.safetensors"))).Should().Be(Quay.DigestOf(bytes));
        Directory.EnumerateFiles(_quay["cache/.stevedore"], "*.journal", SearchOption.AllDirectories).Should().BeEmpty();
    }
}

/// <summary>What is measured against the second that Kubernetes' users are promised shares the machine with no other test.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
