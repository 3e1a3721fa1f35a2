using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Stevedore.Fetcher.Publishing;

/// <summary>The system calls that move bytes without bringing them here.</summary>
internal static partial class Libc
{
    /// <summary>
    /// Copies a stretch of a file to the same place of another inside the kernel: by sharing its extents where the filesystem can (XFS, btrfs), on the server
    /// where it is a network one (NFS 4.2, CIFS).
    /// </summary>
    /// <returns>How many bytes were copied; fewer than asked for where the call is missing, does not cover these files, or the source ends.</returns>
    public static unsafe long CopyRange(SafeFileHandle from, SafeFileHandle to, long start, long length)
    {
        var source = start;
        var target = start;
        while (target < start + length)
        {
            if (copy_file_range(from, &source, to, &target, (nuint)(start + length - target), 0) <= 0)
                break;
        }

        return target - start;
    }

#pragma warning disable SYSLIB1054, IDE1006, CA2101 // The names are libc's own.
    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint copy_file_range(SafeFileHandle from, long* source, SafeFileHandle to, long* target, nuint length, uint flags);
#pragma warning restore SYSLIB1054, IDE1006, CA2101
}
