using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Stevedore.Fetcher.Publishing;

namespace Stevedore.Fetcher.Transfer;

/// <summary>What the kernel is told about pages that were written to a file.</summary>
internal static partial class PageCache
{
    private const uint StartOnly = 2;
    private const int KeepLength = 1;

    /// <summary>
    /// What is written with one call: the kernel takes folios as large as the write, and beyond 32 KiB (PAGE_ALLOC_COSTLY_ORDER) they come from memory that nobody has
    /// touched lately, which costs a virtual machine up to twice the CPU time of the whole transfer (tests/Bench/PROFILE.md).
    /// </summary>
    private const int WriteSize = 32 << 10;

    /// <summary>Writes all of a piece.</summary>
    /// <exception cref="IOException">It could not be written; there may be no room.</exception>
    public static void Write(SafeFileHandle file, ReadOnlySpan<byte> piece, long start)
    {
        for (var written = 0; written < piece.Length; written += WriteSize)
            RandomAccess.Write(file, piece[written..Math.Min(piece.Length, written + WriteSize)], start + written);
    }

    /// <summary>Reserves room for a stretch that is about to be written, at once; a filesystem that knows no such call gives it piece by piece.</summary>
    /// <exception cref="IOException">There is no room.</exception>
    public static void Reserve(SafeFileHandle file, long start, long length)
    {
        if (fallocate(file, KeepLength, start, length) != 0 && new IOException(null, Marshal.GetLastPInvokeError()) is var error && Libc.MeansNoRoom(error))
            throw new IOException($"There is no room: {Marshal.GetPInvokeErrorMessage(error.HResult)}.", error.HResult);
    }

    /// <summary>
    /// Starts to bring a stretch of a file to the disk and does not wait for it; a hint, so that a filesystem that does not know it is left to its own ways.
    /// Whether the bytes got there is for the fdatasync that follows to say.
    /// </summary>
    public static void StartWriting(SafeFileHandle file, long start, long length) => _ = sync_file_range(file, start, length, StartOnly);

#pragma warning disable SYSLIB1054, IDE1006 // The name is libc's own.
    [LibraryImport("libc")]
    private static partial int sync_file_range(SafeFileHandle fd, long offset, long length, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fallocate(SafeFileHandle fd, int mode, long offset, long length);
#pragma warning restore SYSLIB1054, IDE1006
}
