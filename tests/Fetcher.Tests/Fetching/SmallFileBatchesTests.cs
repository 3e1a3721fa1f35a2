using Stevedore.Fetcher.Fetching;

namespace Stevedore.Fetcher.Tests.Fetching;

public sealed class SmallFileBatchesTests
{
    [Fact]
    public void Five_thousand_small_files_share_a_few_dozen_leases()
    {
        var random = new Random(1);
        var batches = SmallFileBatches.Of(Enumerable.Range(0, 5000).Select(i => ($"{i:x8}", (long)random.Next(4 << 10, 64 << 10))));
        batches.Should().HaveCount(5000);
        batches.Values.Distinct().Should().HaveCountLessThan(110);
        batches.GroupBy(entry => entry.Value).Max(batch => batch.Count()).Should().BeLessThanOrEqualTo(64);
    }

    [Fact]
    public void The_order_in_which_files_are_listed_changes_nothing()
    {
        var files = Enumerable.Range(0, 200).Select(i => ($"{i * 7919:x8}", 1000L)).ToList();
        SmallFileBatches.Of(files.AsEnumerable().Reverse()).Should().BeEquivalentTo(SmallFileBatches.Of(files));
    }

    [Fact]
    public void Large_contents_have_a_lease_of_their_own() =>
        SmallFileBatches.Of([("large", (1 << 20) + 1), ("small", 1 << 20)]).Keys.Should().Equal("small");
}
