using Microsoft.Win32.SafeHandles;
using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Locking;
using Stevedore.Fetcher.Publishing;

namespace Stevedore.Fetcher.Transfer;

/// <summary>The file and the journal of one epoch of a blob.</summary>
/// <param name="Path">Where the bytes go.</param>
/// <param name="File">Open for reading and writing.</param>
/// <param name="Journal">What is there.</param>
/// <param name="Inherited">Bytes that an earlier run left; zero for a fresh start.</param>
internal sealed record PartialBlob(string Path, SafeFileHandle File, Journal Journal, long Inherited) : IDisposable
{
    /// <summary>Whether the file takes memory and no disk.</summary>
    public bool IsInMemory { get; } = FilesystemKind.IsInMemory(Path);

    /// <summary>
    /// Opens the partial file of a lease, with what earlier epochs left: in place where their owner can never write again on this very kernel, else copied
    /// into a file of its own, because a paused owner may wake up and write into the old one.
    /// </summary>
    public static PartialBlob Open(CacheLayout cache, BlobLease lease, TransferItem item)
    {
        WorldReadable.MakeFolder(cache.Partials);
        foreach (var previous in lease.Previous)
        {
            if (previous.Owner is null)
                continue;
            var old = BlobLease.PartialPath(cache, item.Key, previous.Epoch, previous.Owner);
            // Written in place, it must be a file of its own: no link, no pipe, no second name of something else.
            if (Libc.LookCheaply(old) is not { Kind: EntryKind.File, Names: <= 1 } || Journal.Look(BlobLease.JournalOf(old), item.Identity, item.Size) is not { } left)
                continue;
            var inherited = previous.OwnerIsGone && left.IsOfThisBoot ? TryTakeOver(old, left, lease, item, cache)
                // What no digest will judge in the end is not taken from somebody who may be starting it over just now.
                : left.There.SetCount > 0 && item.Digest is not null ? TryCopy(old, left.There, lease, item, cache)
                : null;
            if (inherited is not null)
                return inherited;
        }

        return new PartialBlob(
            lease.PartialPath(cache), WorldReadable.Create(lease.PartialPath(cache), item.Size), Journal.Create(lease.JournalPath(cache), item.Identity, item.Size), 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Journal.Dispose();
        File.Dispose();
    }

    private static PartialBlob? TryTakeOver(string old, JournalEntry left, BlobLease lease, TransferItem item, CacheLayout cache)
    {
        var (path, journalPath) = (lease.PartialPath(cache), lease.JournalPath(cache));
        // The journal first: a crash in between leaves the old pair whole.
        var journal = Journal.Create(journalPath, item.Identity, item.Size, left.Written, left.Durable);
        try
        {
            Renaming.Over(old, path);
            return new PartialBlob(path, Libc.OpenPlain(path, writable: true) ?? throw new FileNotFoundException(path), journal, left.Written.SetBytes);
        }
        catch (FileNotFoundException)
        {
            // Somebody has taken this blob over in turn, and the file with it.
            journal.Dispose();
            System.IO.File.Delete(journalPath);
            return null;
        }
    }

    private static PartialBlob? TryCopy(string old, BlockMap there, BlobLease lease, TransferItem item, CacheLayout cache)
    {
        var path = lease.PartialPath(cache);
        SafeFileHandle? file = null;
        try
        {
            using var source = Libc.OpenPlain(old) ?? throw new FileNotFoundException(old);
            file = WorldReadable.Create(path, item.Size);
            Copy(source, file, there);
            return new PartialBlob(path, file, Journal.Create(lease.JournalPath(cache), item.Identity, item.Size, there), there.SetBytes);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (IOException error) when (Libc.MeansNoRoom(error))
        {
            // There is no room for both: what is left goes, and is fetched again.
            file?.Dispose();
            System.IO.File.Delete(path);
            System.IO.File.Delete(old);
            System.IO.File.Delete(BlobLease.JournalOf(old));
            return null;
        }
    }

    private static void Copy(SafeFileHandle from, SafeFileHandle to, BlockMap there)
    {
        var buffer = new byte[BlockMap.BlockSize];
        for (var block = 0; block < there.Count; block++)
        {
            var end = there.NextClear(block);
            if (end == block)
                continue;
            var start = (long)block * BlockMap.BlockSize;
            var copied = Libc.CopyRange(from, to, start, there.EndOf(end - 1) - start);
            for (block += (int)(copied / BlockMap.BlockSize); block < end; block++)
            {
                start = (long)block * BlockMap.BlockSize;
                var length = (int)(there.EndOf(block) - start);
                if (RandomAccess.Read(from, buffer.AsSpan(0, length), start) == length)
                    RandomAccess.Write(to, buffer.AsSpan(0, length), start);
                else
                    there.Clear(block);
            }
        }
    }
}
