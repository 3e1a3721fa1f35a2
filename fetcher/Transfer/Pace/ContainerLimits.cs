using System.Globalization;

namespace Stevedore.Fetcher.Transfer.Pace;

/// <summary>What the container may use, as its control groups say; of both versions, since nodes still run either.</summary>
/// <param name="Memory">Bytes; null where there is no limit. The page cache counts towards it.</param>
/// <param name="Cores">Processors' worth of time; all of the machine's where there is no quota.</param>
internal sealed record ContainerLimits(long? Memory, double Cores)
{
    // Version 1 writes "no limit" as the largest multiple of a page.
    private const long Endless = 1L << 60;

    /// <summary>Reads the limits of this process.</summary>
    public static ContainerLimits Read() => Read("/proc/self/cgroup", "/sys/fs/cgroup", Environment.ProcessorCount);

    /// <summary>Reads the limits of a process.</summary>
    /// <param name="membership">Its list of groups, as <c>/proc/PID/cgroup</c> has it.</param>
    /// <param name="mount">Where the groups are mounted.</param>
    /// <param name="processors">How many processors it may run on.</param>
    public static ContainerLimits Read(string membership, string mount, int processors)
    {
        var memory = new List<long>();
        var cores = new List<double> { processors };
        foreach (var (controllers, path) in Groups(membership))
        {
            if (controllers.Length == 0)
            {
                foreach (var folder in UpFrom(Path.Combine(mount, "unified"), path).Concat(UpFrom(mount, path)))
                {
                    Add(memory, Number(Path.Combine(folder, "memory.max")));
                    Add(cores, Quota(Words(Path.Combine(folder, "cpu.max"))));
                }
            }

            if (controllers.Contains("memory"))
            {
                foreach (var folder in UpFrom(Path.Combine(mount, "memory"), path))
                    Add(memory, Number(Path.Combine(folder, "memory.limit_in_bytes")));
            }

            if (controllers.Contains("cpu"))
            {
                foreach (var folder in UpFrom(Path.Combine(mount, "cpu"), path))
                    Add(cores, Quota([.. Words(Path.Combine(folder, "cpu.cfs_quota_us")), .. Words(Path.Combine(folder, "cpu.cfs_period_us"))]));
            }
        }

        return new ContainerLimits(memory.Where(bytes => bytes < Endless).Select(bytes => (long?)bytes).Min(), cores.Min());
    }

    private static IEnumerable<(string[] Controllers, string Path)> Groups(string membership) => Lines(membership)
        .Select(line => line.Split(':', 3))
        .Where(parts => parts.Length == 3)
        .Select(parts => (parts[1].Split(',', StringSplitOptions.RemoveEmptyEntries), parts[2].Trim('/')));

    /// <summary>A group and those that contain it, whose limits hold too; only the mount itself where a container does not see its group by its name.</summary>
    private static IEnumerable<string> UpFrom(string mount, string path)
    {
        for (; path.Length > 0; path = Path.GetDirectoryName(path) ?? "")
            yield return Path.Combine(mount, path);
        yield return mount;
    }

    private static void Add<T>(List<T> values, T? value)
        where T : struct
    {
        if (value is { } found)
            values.Add(found);
    }

    private static long? Number(string file) =>
        Words(file) is [var word, ..] && long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static double? Quota(string[] words) =>
        words is [var quota, var period] && double.TryParse(quota, CultureInfo.InvariantCulture, out var time) && time > 0
        && double.TryParse(period, CultureInfo.InvariantCulture, out var window) && window > 0
            ? time / window
            : null;

    private static string[] Words(string file) => Lines(file) is [var line, ..] ? line.Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];

    private static string[] Lines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
