using System.Globalization;
using Stevedore.Programs;

namespace Stevedore.Bench.Measure;

/// <summary>What a process took: looked at every few milliseconds, since the kernel forgets a process's memory with the process.</summary>
/// <param name="PeakBytes">The high-water mark of resident memory (<c>VmHWM</c>); it only grows, so the last look is missing at most what came after it.</param>
/// <param name="Processor">User and system time, to the hundredth of a second.</param>
internal readonly record struct ProcessUse(long PeakBytes, TimeSpan Processor)
{
    // USER_HZ, which is 100 wherever Linux runs .NET.
    private const double TicksPerSecond = 100;

    /// <summary>Resident memory now (<c>VmRSS</c>), in bytes; 0 when the process is over.</summary>
    public static long ResidentOf(int id)
    {
        try
        {
            return (Kibibytes(id, "VmRSS:") ?? 0) << 10;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>Looks; null when the process is over.</summary>
    public static ProcessUse? Of(int id)
    {
        try
        {
            if (Kibibytes(id, "VmHWM:") is not { } kibibytes)
                return null;

            // The name in parentheses may hold spaces; behind it utime and stime are the 12th and 13th (proc_pid_stat(5)).
            var stat = File.ReadAllText($"/proc/{id}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
            return new ProcessUse(kibibytes << 10, TimeSpan.FromSeconds(ticks / TicksPerSecond));
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static long? Kibibytes(int id, string field) => File.ReadLines($"/proc/{id}/status").FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal)) is { } line
        ? long.Parse(line.AsSpan(field.Length).Trim().TrimEnd(" kB"), CultureInfo.InvariantCulture)
        : null;
}

/// <summary>Watches a process from its start to its end.</summary>
internal static class ProcessWatch
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    /// <summary>Runs a program to its end and says what it took.</summary>
    public static async Task<(EndedProgram End, ProcessUse Use)> RunAsync(ChildProgram program, CancellationToken cancellationToken)
    {
        var use = default(ProcessUse);
        var end = program.EndAsync(cancellationToken);
        using var timer = new PeriodicTimer(Look);
        while (!end.IsCompleted && ProcessUse.Of(program.Id) is { } seen)
        {
            use = seen;
            await timer.WaitForNextTickAsync(cancellationToken);
        }

        return (await end, use);
    }
}
