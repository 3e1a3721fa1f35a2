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
    /// <summary>
    /// Opens the partial file of a lease, with what earlier epochs left: in place where their owner can never write again, else copied into a file of its own,
    /// because a paused owner may wake up and write into the old one.
    /// </summary>
    public static PartialBlob Open(CacheLayout cache, BlobLease lease, TransferItem item)
    {
        WorldReadable.MakeFolder(cache.Partials);
        var path = lease.PartialPath(cache);
        var journalPath = lease.JournalPath(cache);
        foreach (var previous in lease.Previous)
        {
            var oldPath = BlobLease.PartialPath(cache, item.Key, previous.Epoch);
            var oldJournal = oldPath + ".journal";
            if (!System.IO.File.Exists(oldPath) || Journal.Read(oldJournal, item.Identity, item.Size) is not { } there
                || (there.SetCount == 0 && !previous.OwnerIsGone))
            {
                continue;
            }


            Journal journal;
            SafeFileHandle file;
            if (previous.OwnerIsGone)
            {
                // The journal first: a crash in between leaves the old pair whole.
                journal = Journal.Create(journalPath, item.Identity, item.Size, there);
                System.IO.File.Move(oldPath, path);
                file = System.IO.File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            }
            else
            {
                file = WorldReadable.Create(path, item.Size);
                Copy(oldPath, file, there);
                journal = Journal.Create(journalPath, item.Identity, item.Size, there);
            }

            return new PartialBlob(path, file, journal, there.SetBytes);
        }

        return new PartialBlob(path, WorldReadable.Create(path, item.Size), Journal.Create(journalPath, item.Identity, item.Size), 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Journal.Dispose();
        File.Dispose();
    }

    private static void Copy(string from, SafeFileHandle to, BlockMap there)
    {
        using var source = System.IO.File.OpenHandle(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var buffer = new byte[BlockMap.BlockSize];
        for (var block = 0; block < there.Count; block++)
        {
            if (!there[block])
                continue;
            var start = (long)block * BlockMap.BlockSize;
            var length = (int)(there.EndOf(block) - start);
            if (RandomAccess.Read(source, buffer.AsSpan(0, length), start) == length)
                RandomAccess.Write(to, buffer.AsSpan(0, length), start);
            else
                there.Clear(block);
        }
    }
}
