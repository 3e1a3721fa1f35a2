namespace Stevedore.Fetcher.Locking;

/// <summary>Who and where this process is, as far as another process on the same volume may draw conclusions from it.</summary>
internal static class Machine
{
    /// <summary>Changes with every boot of the kernel; shared by all containers of a node. 36 characters, or empty where unknown.</summary>
    public static string BootId { get; } = ReadOrEmpty("/proc/sys/kernel/random/boot_id");

    /// <summary>The PID namespace as the kernel names it: process ids mean something only between equals.</summary>
    public static string PidNamespace { get; } = LinkOrEmpty("/proc/self/ns/pid");

    /// <summary>When a process started, in clock ticks since boot; null when there is no such process here. Tells a reused id from its first owner.</summary>
    public static string? StartOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            // The command's name stands in parentheses and may hold anything; the fields behind it are plain: state is the first, start the twentieth.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : fields[19];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
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
