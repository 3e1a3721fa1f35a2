using System.IO.Enumeration;
using Microsoft.Win32.SafeHandles;
using Stevedore.Contract;

namespace Stevedore.Fetcher.Publishing;

/// <summary>
/// A cache as upkeep walks and changes it: by paths relative to its root, folder by folder through open handles, never through a symbolic link. Whatever lies planted
/// in the cache, nothing outside of it is looked at, moved or removed.
/// </summary>
/// <param name="root">The cache's root, however it is reached.</param>
internal sealed class CacheTree(string root)
{
    // The layout's own folders, and those that a path of a model may have.
    private const int Deepest = 128;
    private static readonly EnumerationOptions All = new() { AttributesToSkip = 0, IgnoreInaccessible = true };

    /// <summary>Everything in the cache by its path.</summary>
    public SortedDictionary<string, Entry> Walk()
    {
        var entries = new SortedDictionary<string, Entry>(StringComparer.Ordinal);
        using var top = Libc.OpenFolder(root);
        if (top is not null)
            Walk(top, "", 0, entries);
        return entries;
    }

    /// <summary>What a path stands for; null where there is nothing.</summary>
    public Entry? Look(string path) => InParent<Entry?>(path, null, (folder, name) => Libc.Look(folder, name));

    /// <summary>Moves a file or a link; over what may be there.</summary>
    /// <param name="from">What to move.</param>
    /// <param name="to">Its new path. All but its last two parts are reached by handles; those two are left to the kernel, so that a folder that was renamed meanwhile is missed.</param>
    /// <returns>False where one of the two is not there.</returns>
    /// <exception cref="FetchException">73: the volume refuses.</exception>
    public bool TryMove(string from, string to)
    {
        var at = to.LastIndexOf('/', to.LastIndexOf('/') - 1);
        using var target = OpenFolder(to[..at]);
        if (target is null)
            return false;
        return InParent(from, false, (folder, name) => Checked(Libc.Move(folder, name, target, to[(at + 1)..]), from, "moved"));
    }

    /// <summary>Removes a file or a link.</summary>
    /// <returns>False where it is not there.</returns>
    /// <exception cref="FetchException">73: the volume refuses.</exception>
    public bool TryRemove(string path) => InParent(path, false, (folder, name) => Checked(Libc.Remove(folder, name, isFolder: false), path, "removed"));

    /// <summary>Removes a folder if it is empty; does nothing otherwise.</summary>
    public void RemoveIfEmpty(string path) => InParent(path, 0, (folder, name) => Libc.Remove(folder, name, isFolder: true));

    /// <summary>Removes whatever a path stands for, a folder with all that is in it.</summary>
    public void RemoveAll(string path)
    {
        if (Look(path) is not { Kind: EntryKind.Folder })
        {
            TryRemove(path);
            return;
        }

        using (var folder = OpenFolder(path))
        {
            foreach (var name in folder is null ? [] : NamesIn(folder))
                RemoveAll($"{path}/{name}");
        }

        RemoveIfEmpty(path);
    }

    private static void Walk(SafeFileHandle folder, string prefix, int depth, SortedDictionary<string, Entry> entries)
    {
        foreach (var name in NamesIn(folder))
        {
            if (Libc.LookCheaply(folder, name) is not { } entry)
                continue;
            entries[prefix + name] = entry;
            if (entry.Kind != EntryKind.Folder || depth == Deepest)
                continue;
            using var inner = Libc.OpenFolder(folder, name);
            if (inner is not null)
                Walk(inner, $"{prefix}{name}/", depth + 1, entries);
        }
    }

    // The folder that is open, not the one that may bear its name by now.
    private static List<string> NamesIn(SafeFileHandle folder) =>
        [.. new FileSystemEnumerable<string>($"/proc/self/fd/{folder.DangerousGetHandle()}/", (ref entry) => entry.FileName.ToString(), All)];

    private static bool Checked(int error, string path, string what) => error switch
    {
        0 => true,
        _ when Libc.IsMissing(error) => false,
        _ => throw new FetchException(
            ExitCode.CannotWrite, $"{path} could not be {what} ({System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(error)}); let uid {Libc.EffectiveUserId} own the cache, and mount it writable."),
    };

    private T InParent<T>(string path, T missing, Func<SafeFileHandle, string, T> act)
    {
        var at = path.LastIndexOf('/');
        using var folder = OpenFolder(at < 0 ? "" : path[..at]);
        return folder is null ? missing : act(folder, path[(at + 1)..]);
    }

    private SafeFileHandle? OpenFolder(string path)
    {
        var folder = Libc.OpenFolder(root);
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (folder is null)
                return null;
            using var parent = folder;
            folder = part is "." or ".." ? null : Libc.OpenFolder(parent, part);
        }

        return folder;
    }
}
