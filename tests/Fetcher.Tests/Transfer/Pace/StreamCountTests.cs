using Stevedore.Fetcher.Transfer.Pace;

namespace Stevedore.Fetcher.Tests.Transfer.Pace;

public sealed class StreamCountTests
{
    [Fact]
    public void Grows_to_what_is_allowed_while_each_stream_brings_its_share()
    {
        var count = new StreamCount(most: 32);
        Observe(count, 40, rate: streams => streams * 10.0);
        count.Current.Should().Be(32);
    }

    [Fact]
    public void Stays_where_more_streams_bring_no_more()
    {
        var count = new StreamCount(most: 32);
        var tried = Observe(count, 200, rate: _ => 100.0);
        count.Current.Should().BeLessThanOrEqualTo(StreamCount.AtFirst + 2);
        tried.Count(current => current > StreamCount.AtFirst).Should().BeLessThan(40, "a climb that did not pay is tried again ever more rarely");
    }

    [Fact]
    public void Does_not_grow_where_the_processors_are_busy()
    {
        var count = new StreamCount(most: 32);
        Observe(count, 40, rate: streams => streams * 10.0, processors: 0.95);
        count.Current.Should().Be(StreamCount.AtFirst);
    }

    [Fact]
    public void Learns_nothing_while_there_is_less_to_do_than_streams_may_run()
    {
        var count = new StreamCount(most: 32);
        for (var i = 0; i < 40; i++)
            count.Observe(i * 100, isUsedUp: false, processors: 0);
        count.Current.Should().Be(StreamCount.AtFirst);
    }

    [Fact]
    public void Halves_when_the_source_has_too_much_and_comes_back_one_at_a_time()
    {
        var count = new StreamCount(most: 16);
        Observe(count, 40, rate: streams => streams * 10.0);
        count.Overloaded();
        count.Current.Should().Be(8);
        var steps = Observe(count, 60, rate: streams => streams * 10.0);
        count.Current.Should().Be(16);
        steps.Zip(steps.Skip(1), (one, next) => next - one).Max().Should().Be(1);
    }

    [Fact]
    public void Never_falls_below_one()
    {
        var count = new StreamCount(most: 8);
        for (var i = 0; i < 10; i++)
            count.Overloaded();
        count.Current.Should().Be(1);
        new StreamCount(most: 1).Current.Should().Be(1);
    }

    private static List<int> Observe(StreamCount count, int times, Func<int, double> rate, double processors = 0.3)
    {
        var seen = new List<int>();
        for (var i = 0; i < times; i++)
        {
            count.Observe(rate(count.Current), isUsedUp: true, processors);
            seen.Add(count.Current);
        }

        return seen;
    }
}
