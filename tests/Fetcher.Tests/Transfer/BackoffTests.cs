using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Tests.Transfer;

public sealed class BackoffTests
{
    private readonly Backoff _backoff = new(new Random(1), TimeProvider.System);

    [Theory]
    [InlineData(1, 0.5)]
    [InlineData(2, 1)]
    [InlineData(4, 4)]
    [InlineData(7, 30)]
    [InlineData(1000, 30)]
    public void The_ceiling_doubles_from_half_a_second_to_thirty(int failures, double ceilingSeconds)
    {
        var pauses = Enumerable.Range(0, 500).Select(_ => _backoff.Next(failures, null).TotalSeconds).ToList();

        pauses.Should().OnlyContain(pause => pause >= 0 && pause <= ceilingSeconds);
        pauses.Max().Should().BeGreaterThan(ceilingSeconds * 0.9);
        pauses.Min().Should().BeLessThan(ceilingSeconds * 0.1, "the jitter is full: it begins at zero");
    }

    [Fact]
    public void What_the_source_asked_for_is_never_undercut_and_hardly_overrun()
    {
        var pauses = Enumerable.Range(0, 500).Select(_ => _backoff.Next(1, TimeSpan.FromSeconds(55)).TotalSeconds).ToList();

        pauses.Should().OnlyContain(pause => pause >= 55 && pause <= 60);
        pauses.Distinct().Should().HaveCountGreaterThan(100, "not everybody comes back in the same moment");
    }

    [Fact]
    public void A_source_that_asks_for_nothing_is_asked_again_at_once() => _backoff.Next(3, TimeSpan.Zero).Should().Be(TimeSpan.Zero);

    [Fact]
    public void A_source_that_asks_for_a_day_ends_the_run_instead_of_hanging_it()
    {
        Backoff.IsOver(1, TimeSpan.FromDays(1)).Should().BeTrue();
        _backoff.Next(1, TimeSpan.FromDays(1)).Should().BeLessThan(TimeSpan.FromMinutes(11));
    }

    [Fact]
    public void Eight_failures_in_a_row_are_the_end()
    {
        Backoff.IsOver(7, null).Should().BeFalse();
        Backoff.IsOver(8, null).Should().BeTrue();
    }

    [Fact]
    public void A_blocking_wait_ends_when_it_is_cancelled()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));

        var wait = () => _backoff.Wait(TimeSpan.FromHours(1), stop.Token);

        wait.Should().Throw<OperationCanceledException>();
    }
}
