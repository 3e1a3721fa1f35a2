using Stevedore.Fetcher.Tests.Support;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Tests.Transfer;

public sealed class JournalTests : IDisposable
{
    private const long Size = (20L << 20) + 5;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Knows_after_a_crash_of_the_process_what_was_written()
    {
        using (var journal = Journal.Create(_folder["j"], "sha256:a", Size))
        {
            journal.MarkWritten(0);
            journal.MarkWritten(20);
        }

        var there = Journal.Read(_folder["j"], "sha256:a", Size)!;
        Enumerable.Range(0, there.Count).Where(block => there[block]).Should().Equal(0, 20);
        there.SetBytes.Should().Be((1 << 20) + 5, "the last block is short");
    }

    [Fact]
    public void Trusts_only_what_was_made_durable_after_another_boot()
    {
        using (var partial = File.OpenHandle(_folder["p"], FileMode.CreateNew, FileAccess.ReadWrite))
        using (var journal = Journal.Create(_folder["j"], "sha256:a", Size))
        {
            journal.MarkWritten(1);
            journal.Checkpoint(partial);
            journal.MarkWritten(2);
        }

        PretendAnotherBoot();
        var there = Journal.Read(_folder["j"], "sha256:a", Size)!;
        Enumerable.Range(0, there.Count).Where(block => there[block]).Should().Equal(1);
    }

    [Theory]
    [InlineData("sha256:b", Size)]
    [InlineData("sha256:a", Size + 1)]
    public void Is_nothing_for_another_content(string identity, long size)
    {
        Journal.Create(_folder["j"], "sha256:a", Size).Dispose();
        Journal.Read(_folder["j"], identity, size).Should().BeNull();
    }

    [Fact]
    public void Is_nothing_when_it_was_cut_short()
    {
        Journal.Create(_folder["j"], "sha256:a", Size).Dispose();
        using (var file = File.OpenHandle(_folder["j"], FileMode.Open, FileAccess.Write))
            RandomAccess.SetLength(file, 100);
        Journal.Read(_folder["j"], "sha256:a", Size).Should().BeNull();
        Journal.Read(_folder["absent"], "sha256:a", Size).Should().BeNull();
    }

    private void PretendAnotherBoot()
    {
        using var file = File.OpenHandle(_folder["j"], FileMode.Open, FileAccess.Write);
        RandomAccess.Write(file, "00000000"u8, 48);
    }
}
