using Stevedore.Contract.Layout;

namespace Stevedore.Fetcher.Locking;

/// <summary>What fetchers that were killed leave behind besides partial blobs, which their successors take over.</summary>
internal static class Leftovers
{
    /// <summary>
    /// Removes small files that were staged but not published, and then the heartbeats, of fetchers that can never write again. A heartbeat stays while a
    /// lease names it: it is the proof of its owner's death, by which the next fetcher of that blob goes on in the same file.
    /// </summary>
    public static void Sweep(CacheLayout cache, OwnerWatch watch, string self)
    {
        HashSet<string>? named = null;
        foreach (var heartbeat in Directory.EnumerateFiles(cache.Fetchers, "*.json").ToList())
        {
            var id = Path.GetFileNameWithoutExtension(heartbeat);
            if (id == self || watch.Judge(id) != OwnerState.Gone)
                continue;
            try
            {
                if (Directory.Exists(cache.Partials))
                {
                    foreach (var staged in Directory.EnumerateFiles(cache.Partials, $"*.{id}.small").ToList())
                        File.Delete(staged);
                }

                named ??= Owners(cache);
                if (!named.Contains(id))
                    File.Delete(heartbeat);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Somebody else's to remove.
            }
        }
    }

    private static HashSet<string> Owners(CacheLayout cache) => Directory.Exists(cache.Leases)
        ? [.. Directory.EnumerateFiles(cache.Leases).Select(path => LeaseFile.TryRead(path)?.Owner).OfType<string>()]
        : [];
}
