using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Stevedore.Fetcher.Transfer;

/// <summary>What the kernel is told about pages that were written to a file.</summary>
internal static partial class PageCache
{
    private const uint StartOnly = 2;

    /// <summary>
    /// Starts to bring a stretch of a file to the disk and does not wait for it; a hint, so that a filesystem that does not know it is left to its own ways.
    /// Whether the bytes got there is for the fdatasync that follows to say.
    /// </summary>
    public static void StartWriting(SafeFileHandle file, long start, long length) => _ = sync_file_range(file, start, length, StartOnly);

#pragma warning disable SYSLIB1054, IDE1006 // The name is libc's own.
    [LibraryImport("libc")]
    private static partial int sync_file_range(SafeFileHandle fd, long offset, long length, uint flags);
#pragma warning restore SYSLIB1054, IDE1006
}
