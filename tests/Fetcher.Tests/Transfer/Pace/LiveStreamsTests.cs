using Microsoft.Extensions.Time.Testing;
using Stevedore.Fetcher.Transfer.Pace;

namespace Stevedore.Fetcher.Tests.Transfer.Pace;

public sealed class LiveStreamsTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_stream_far_below_the_others_is_cut_once_it_had_its_time()
    {
        var streams = new LiveStreams(_time);
        var slow = Begin(streams);
        var fast = Enumerable.Range(0, 4).Select(_ => Begin(streams)).ToList();

        Pass(streams, 4, slow, 1_000, fast, 100_000);
        slow.IsCut.Should().BeFalse("it may still be opening its window");
        Pass(streams, 2, slow, 1_000, fast, 100_000);

        slow.IsCut.Should().BeTrue();
        fast.Should().OnlyContain(stream => !stream.IsCut);
    }

    [Fact]
    public void Streams_that_are_slow_together_are_left_alone()
    {
        var streams = new LiveStreams(_time);
        var one = Begin(streams);
        var others = Enumerable.Range(0, 4).Select(_ => Begin(streams)).ToList();
        Pass(streams, 30, one, 1_000, others, 4_000);
        others.Append(one).Should().OnlyContain(stream => !stream.IsCut);
    }

    [Fact]
    public void One_is_cut_at_a_time()
    {
        var streams = new LiveStreams(_time);
        var slow = Begin(streams);
        var alsoSlow = Begin(streams);
        var fast = Enumerable.Range(0, 5).Select(_ => Begin(streams)).ToList();
        Pass(streams, 6, slow, 1_000, fast, 100_000);
        new[] { slow, alsoSlow }.Count(stream => stream.IsCut).Should().Be(1);
    }

    [Fact]
    public void Two_streams_are_too_few_to_judge_by()
    {
        var streams = new LiveStreams(_time);
        var slow = Begin(streams);
        Pass(streams, 30, slow, 10, [Begin(streams), Begin(streams)], 100_000);
        slow.IsCut.Should().BeFalse();
    }

    [Fact]
    public void The_last_one_is_held_against_those_that_ended_and_only_once()
    {
        var streams = new LiveStreams(_time);
        var slow = Begin(streams);
        var fast = Enumerable.Range(0, 3).Select(_ => Begin(streams)).ToList();
        Pass(streams, 3, slow, 1_000, fast, 1_000_000);
        fast.ForEach(streams.End);
        Pass(streams, 2, slow, 1_000, [], 0);
        slow.IsCut.Should().BeTrue();

        streams.End(slow);
        var next = Begin(streams);
        Pass(streams, 30, next, 1_000, [], 0);
        next.IsCut.Should().BeFalse("another connection was no better, so the way itself is slow");
    }

    [Fact]
    public void One_that_would_have_to_begin_anew_is_left_to_its_pace()
    {
        var streams = new LiveStreams(_time);
        var slow = streams.Begin(new MemoryStream(), isResumable: false);
        Pass(streams, 30, slow, 1_000, [.. Enumerable.Range(0, 4).Select(_ => Begin(streams))], 100_000);
        slow.IsCut.Should().BeFalse();
    }

    private static LiveStream Begin(LiveStreams streams) => streams.Begin(new MemoryStream());

    private void Pass(LiveStreams streams, int seconds, LiveStream one, int itsBytes, IEnumerable<LiveStream> others, int theirBytes)
    {
        for (var i = 0; i < seconds; i++)
        {
            one.Arrived(itsBytes);
            foreach (var other in others)
                other.Arrived(theirBytes);
            _time.Advance(Second);
            streams.Look(Second);
        }
    }
}
