using Stevedore.Contract;
using Stevedore.Contract.Layout;

namespace Stevedore.Fetcher.Publishing;

/// <summary>
/// Refuses to write into a cache where a symbolic link stands in a folder's place: it would lead what is written, linked or removed out of the cache. How the root
/// itself is reached is its user's business.
/// </summary>
internal static class OwnFolders
{
    /// <summary>Checks folders and everything between them and the cache's root; what is missing is in order.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="folders">Absolute paths below its root.</param>
    /// <exception cref="FetchException">73, naming the link.</exception>
    public static void Check(CacheLayout cache, IEnumerable<string> folders)
    {
        var sound = new HashSet<string>(StringComparer.Ordinal) { cache.Root.TrimEnd('/'), "" };
        foreach (var folder in folders)
            CheckUpTo(folder.TrimEnd('/'), sound);
    }

    private static void CheckUpTo(string folder, HashSet<string> sound)
    {
        if (!sound.Add(folder))
            return;
        CheckUpTo(Path.GetDirectoryName(folder) ?? "", sound);
        if (Libc.LookCheaply(folder) is { Kind: EntryKind.Link })
        {
            throw new FetchException(
                ExitCode.CannotWrite,
                $"{folder} is a symbolic link and must be a folder of the cache itself; find out who put it there, remove it, and start again.");
        }
    }
}
