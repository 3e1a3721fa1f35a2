using System.Runtime.InteropServices;
using Stevedore.Programs;

namespace Stevedore.Bench.Measure;

/// <summary>
/// Processor time of the children that ended, and of theirs: exact, where looking at a process every few milliseconds misses its end and what it
/// started itself. Take the difference around one child at a time.
/// </summary>
internal static partial class ChildrenTime
{
    // getrusage(2): RUSAGE_CHILDREN, and a struct of two timevals and fourteen longs.
    private const int Children = -1;
    private const int Longs = 18;

    /// <summary>User and system time so far.</summary>
    public static TimeSpan Spent()
    {
        Span<long> usage = stackalloc long[Longs];
        if (GetUsage(Children, ref MemoryMarshal.GetReference(usage)) != 0)
            throw new ProgramException($"getrusage failed with errno {Marshal.GetLastPInvokeError()}.");
        return TimeSpan.FromSeconds(usage[0] + usage[2]) + TimeSpan.FromMicroseconds(usage[1] + usage[3]);
    }

    [LibraryImport("libc", EntryPoint = "getrusage", SetLastError = true)]
    private static partial int GetUsage(int who, ref long usage);
}
