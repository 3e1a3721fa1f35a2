using System.Text;
using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Locking;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Tests.Support;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Tests.Transfer;

public sealed class PartialBlobTests : IDisposable
{
    private const int Mebi = 1 << 20;
    private const int Blocks = 5;
    private readonly TemporaryFolder _folder = new();
    private readonly CacheLayout _cache;
    private readonly byte[] _content = new byte[((Blocks - 1) * Mebi) + 17];
    private readonly BlobLease _old;

    public PartialBlobTests()
    {
        new Random(1).NextBytes(_content);
        _cache = new CacheLayout(_folder.Path);
        _old = new BlobLease("blob", 1, "old", []);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Goes_on_in_the_same_file_where_its_owner_ended_on_this_kernel()
    {
        using var before = Leave(written: [0, 1, 4], durable: [0]);
        using var after = Open(ownerIsGone: true);
        after.Inherited.Should().Be((2 * Mebi) + 17);
        Write(before, 3, 0xab);
        Read(after, 3).Should().AllBeEquivalentTo(0xab, "it is the same file");
        File.Exists(_old.PartialPath(_cache)).Should().BeFalse();
        Journal.Look(after.Path + ".journal", Item.Identity, Item.Size)!.Durable.SetCount.Should().Be(1, "what is on disk for good stays so");
    }

    [Fact]
    public void Copies_what_is_there_where_the_owner_may_wake_up()
    {
        using var before = Leave(written: [0, 1, 4], durable: [0]);
        using var after = Open(ownerIsGone: false);
        after.Inherited.Should().Be((2 * Mebi) + 17);
        Write(before, 1, 0xab);
        foreach (var block in new[] { 0, 1, 4 })
            Read(after, block).Should().Equal(Expected(block), "what the old owner writes from now on goes elsewhere");
    }

    [Fact]
    public void Trusts_only_what_is_durable_of_another_boot_and_leaves_that_file_alone_although_its_owner_has_put_it_down()
    {
        using var before = Leave(written: [0, 1, 4], durable: [0]);
        PretendOtherBoot(before.Path + ".journal");
        using var after = Open(ownerIsGone: true);
        after.Inherited.Should().Be(Mebi);
        Write(before, 0, 0xab);
        Read(after, 0).Should().Equal(Expected(0));
    }

    [Fact]
    public void Takes_nothing_that_no_digest_will_judge_from_an_owner_that_may_be_starting_it_over()
    {
        using var before = Leave(written: [0, 1, 4], durable: [0]);
        using var after = PartialBlob.Open(_cache, new BlobLease("blob", 2, "new", [new PreviousEpoch(1, "old", false)]), Item with { Digest = null });
        after.Inherited.Should().Be(0);
    }

    [Fact]
    public void Starts_afresh_where_a_successor_has_taken_the_file_away()
    {
        Leave(written: [0, 1], durable: []).Dispose();
        using var successor = Open(ownerIsGone: true, epoch: 3, owner: "third");
        using var late = Open(ownerIsGone: true);
        late.Inherited.Should().Be(0);
        successor.Inherited.Should().Be(2 * Mebi);
    }

    private TransferItem Item => new(
        "blob", "a.safetensors", _content.Length, new ContentDigest(DigestAlgorithm.Sha256, new string('a', 64)), "identity", new ScriptedOrigin(_content), []);

    private PartialBlob Open(bool ownerIsGone, int epoch = 2, string owner = "new") =>
        PartialBlob.Open(_cache, new BlobLease("blob", epoch, owner, [new PreviousEpoch(1, "old", ownerIsGone)]), Item);

    private PartialBlob Leave(int[] written, int[] durable)
    {
        var partial = PartialBlob.Open(_cache, _old, Item);
        foreach (var block in durable)
            Put(partial, block);
        partial.Journal.Checkpoint(partial.File);
        foreach (var block in written.Except(durable))
            Put(partial, block);
        return partial;
    }

    private void Put(PartialBlob partial, int block)
    {
        RandomAccess.Write(partial.File, Expected(block), (long)block * Mebi);
        partial.Journal.MarkWritten(block);
    }

    private static void Write(PartialBlob partial, int block, byte value) =>
        RandomAccess.Write(partial.File, Enumerable.Repeat(value, Mebi).ToArray(), (long)block * Mebi);

    private byte[] Read(PartialBlob partial, int block)
    {
        var bytes = new byte[Expected(block).Length];
        RandomAccess.Read(partial.File, bytes, (long)block * Mebi);
        return bytes;
    }

    private byte[] Expected(int block) => _content[(block * Mebi)..Math.Min((block + 1) * Mebi, _content.Length)];

    private static void PretendOtherBoot(string journal)
    {
        using var file = File.OpenHandle(journal, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.Write(file, Encoding.ASCII.GetBytes("11111111-2222-3333-4444-555555555555"), 48);
    }
}
