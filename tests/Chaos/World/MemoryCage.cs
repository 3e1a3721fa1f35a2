using System.Globalization;
using Stevedore.Programs;

namespace Stevedore.Chaos;

/// <summary>
/// A control group below this process's own that limits memory, page cache included, as a container's limit does; of either version. It takes a root, and a machine that lets
/// groups be made.
/// </summary>
internal sealed class MemoryCage : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly string _folder;
    private readonly bool _isVersion2;

    private MemoryCage(string folder, bool isVersion2) => (_folder, _isVersion2) = (folder, isVersion2);

    /// <summary>Which kind of group it is, for people.</summary>
    public string Kind => _isVersion2 ? "cgroup v2" : "cgroup v1";

    /// <summary>The most that was charged to it at once, in bytes; zero where this kernel does not say.</summary>
    public long Peak => ReadNumber(_isVersion2 ? "memory.peak" : "memory.max_usage_in_bytes");

    /// <summary>How many of its processes the kernel killed for their memory.</summary>
    public long Kills => ReadWord(_isVersion2 ? "memory.events" : "memory.oom_control", "oom_kill");

    /// <summary>Makes one; null where groups can't be made or limited.</summary>
    public static MemoryCage? TryMake(long bytes)
    {
        foreach (var (parent, isVersion2) in Parents())
        {
            var folder = Path.Combine(parent, $"stevedore-chaos-{Environment.ProcessId}");
            try
            {
                Directory.CreateDirectory(folder);
                File.WriteAllText(Path.Combine(folder, isVersion2 ? "memory.max" : "memory.limit_in_bytes"), bytes.ToString(CultureInfo.InvariantCulture));
                return new MemoryCage(folder, isVersion2);
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                Remove(folder);
            }
        }

        return null;
    }

    /// <summary>Starts a program that lives in it from its first instruction.</summary>
    public ChildProgram Start(string path, IEnumerable<string> arguments) =>
        ChildProgram.Start("sh", ["-c", "echo $$ > \"$0\" && exec \"$@\"", Path.Combine(_folder, "cgroup.procs"), path, .. arguments]);

    /// <summary>Removes it; a group takes a moment to see that its last process is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!Remove(_folder) && !limit.IsCancellationRequested)
            await Task.Delay(20, CancellationToken.None);
    }

    /// <summary>The groups that this process is in, where memory can be limited below them.</summary>
    private static IEnumerable<(string Folder, bool IsVersion2)> Parents()
    {
        if (!File.Exists("/proc/self/cgroup"))
            yield break;
        foreach (var parts in File.ReadAllLines("/proc/self/cgroup").Select(line => line.Split(':', 3)).Where(parts => parts.Length == 3))
        {
            var own = parts[2].Trim('/');
            if (parts[1].Split(',').Contains("memory"))
                yield return (Path.Combine("/sys/fs/cgroup/memory", own), false);
            // Where processes live directly in a group of version 2, none below it may be limited, unless it is the root.
            if (parts[1].Length == 0 && Directory.Exists("/sys/fs/cgroup") && File.Exists("/sys/fs/cgroup/cgroup.controllers") && TryPassOn(Path.Combine("/sys/fs/cgroup", own)))
                yield return (Path.Combine("/sys/fs/cgroup", own), true);
        }
    }

    private static bool TryPassOn(string group)
    {
        try
        {
            File.WriteAllText(Path.Combine(group, "cgroup.subtree_control"), "+memory");
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool Remove(string folder)
    {
        try
        {
            // The files in it are the kernel's own, and go with it.
            Directory.Delete(folder);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception busy) when (busy is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private long ReadNumber(string file) =>
        File.Exists(Path.Combine(_folder, file)) && long.TryParse(File.ReadAllText(Path.Combine(_folder, file)).Trim(), CultureInfo.InvariantCulture, out var number) ? number : 0;

    private long ReadWord(string file, string word) => File.ReadLines(Path.Combine(_folder, file))
        .Select(line => line.Split(' '))
        .Where(parts => parts is [var name, _] && name == word)
        .Select(parts => long.Parse(parts[1], CultureInfo.InvariantCulture))
        .FirstOrDefault();
}
