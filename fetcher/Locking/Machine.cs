namespace Stevedore.Fetcher.Locking;

/// <summary>Who and where this process is, as far as another process on the same volume may draw conclusions from it.</summary>
internal static class Machine
{
    /// <summary>Changes with every boot of the kernel; shared by all containers of a node. 36 characters, or empty where unknown.</summary>
    public static string BootId { get; } = ReadOrEmpty("/proc/sys/kernel/random/boot_id");

    /// <summary>
    /// The PID namespace as the kernel names it: process ids mean something only between equals. Empty where <c>/proc</c> is that of another namespace than
    /// this process's own, since it then says nothing of the ids that this process knows.
    /// </summary>
    public static string PidNamespace { get; } = ProcIsOurs() ? LinkOrEmpty("/proc/self/ns/pid") : "";

    /// <summary>When a process started, in clock ticks since boot; null when there is no such process to be seen here. Tells a reused id from its first owner.</summary>
    public static string? StartOf(int pid) => StatOf(pid)?[19];

    /// <summary>
    /// Whether the process that had an id and a start has ended with all its threads. A process is not over while one of them may still be in the middle of
    /// a write, although its first thread is a zombie already; and one that can't be seen here (<c>hidepid</c>) may well be alive.
    /// </summary>
    public static bool HasEnded(int pid, string start)
    {
        if (StatOf(pid) is not { } fields)
            return Publishing.Libc.ProcessIsAbsent(pid);
        if (fields[19] != start)
            return true;
        return fields[0] is "Z" or "X" && ThreadsOf(pid) <= 1;
    }

    // The command's name stands in parentheses and may hold anything; the fields behind it are plain: state is the first, start the twentieth.
    private static string[]? StatOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static int ThreadsOf(int pid)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{pid}/task").Length;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static bool ProcIsOurs()
    {
        try
        {
            return File.ReadAllText("/proc/self/stat").StartsWith($"{Environment.ProcessId} ", StringComparison.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string ReadOrEmpty(string path)
    {
        try
        {
            var text = File.ReadAllText(path).Trim();
            return text.Length == 36 ? text : "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string LinkOrEmpty(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget ?? "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
