using System.Runtime.InteropServices;

namespace Stevedore.Fetcher.Publishing;

/// <summary>The system calls that concern processes.</summary>
internal static partial class Libc
{
    private const int NoSuchProcess = 3;

    /// <summary>Whether no process of this PID namespace has an id, whether this one may see it or not.</summary>
    public static bool ProcessIsAbsent(int pid) => kill(pid, 0) != 0 && Marshal.GetLastPInvokeError() == NoSuchProcess;

#pragma warning disable SYSLIB1054, IDE1006, CA2101 // The names are libc's own.
    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);
#pragma warning restore SYSLIB1054, IDE1006, CA2101
}
