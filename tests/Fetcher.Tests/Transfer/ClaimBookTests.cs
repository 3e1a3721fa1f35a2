using Microsoft.Extensions.Time.Testing;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Tests.Transfer;

public sealed class ClaimBookTests
{
    private const long Mebi = 1 << 20;
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Requests_grow_where_they_are_answered_quickly_and_shrink_towards_the_end()
    {
        var book = Book(2048 * Mebi, connections: 4);
        var lengths = new List<int>();
        while (book.TryTake(all: false) is { } claim)
        {
            lengths.Add(claim.EndBlock - claim.FirstBlock);
            Bring(claim, claim.EndBlock);
            _time.Advance(TimeSpan.FromMilliseconds(300));
            book.GiveBack(claim);
        }

        lengths.Take(4).Should().Equal(16, 32, 64, 64);
        lengths.Sum().Should().Be(2048);
        lengths[^3..].Should().OnlyContain(length => length <= 16);
    }

    [Fact]
    public void Requests_stay_as_they_are_where_each_takes_its_time()
    {
        var book = Book(512 * Mebi);
        for (var i = 0; i < 4; i++)
        {
            var claim = book.TryTake(all: false)!;
            (claim.EndBlock - claim.FirstBlock).Should().Be(16);
            Bring(claim, claim.EndBlock);
            _time.Advance(TimeSpan.FromSeconds(5));
            book.GiveBack(claim);
        }
    }

    [Fact]
    public void Little_memory_means_short_requests() =>
        new ClaimBook(new BlockMap(512 * Mebi), new EngineSettings(4, null, null) { MostBlocksAClaim = 4 }, _time).TryTake(all: false)!.EndBlock.Should().Be(4);

    [Fact]
    public void The_rest_of_a_slow_stream_is_shared()
    {
        var book = Book(16 * Mebi);
        var slow = book.TryTake(all: false)!;
        book.TryTake(all: false).Should().BeNull();
        book.TrySplit().Should().BeNull("nothing is known of a stream that has just begun");
        Bring(slow, 3);
        _time.Advance(TimeSpan.FromSeconds(3));

        var rest = book.TrySplit()!;

        (slow.NextBlock, slow.EndBlock, rest.FirstBlock, rest.EndBlock).Should().Be((3, 10, 10, 16));
        book.Count.Should().Be(2);
    }

    [Fact]
    public void What_is_done_soon_is_not_shared()
    {
        var book = Book(16 * Mebi);
        var claim = book.TryTake(all: false)!;
        Bring(claim, 10);
        _time.Advance(TimeSpan.FromSeconds(3));
        book.TrySplit().Should().BeNull("at this pace the rest takes 1.8 s");
    }

    [Fact]
    public void Blocks_that_did_not_arrive_are_handed_out_again()
    {
        var book = Book(32 * Mebi);
        var first = book.TryTake(all: false)!;
        var second = book.TryTake(all: false)!;
        Bring(first, 5);
        book.GiveBack(first);
        var again = book.TryTake(all: false)!;
        (again.FirstBlock, again.EndBlock).Should().Be((5, 16));
        second.FirstBlock.Should().Be(16);
    }

    private ClaimBook Book(long size, int connections = 8) => new(new BlockMap(size), new EngineSettings(connections, null, null), _time);

    private static void Bring(Claim claim, int upTo)
    {
        claim.NextBlock = upTo;
        claim.Position = upTo * Mebi;
    }
}
