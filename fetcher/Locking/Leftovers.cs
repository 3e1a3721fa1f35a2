using Stevedore.Contract.Layout;

namespace Stevedore.Fetcher.Locking;

/// <summary>What fetchers that were killed leave behind besides partial blobs, which their successors take over.</summary>
internal static class Leftovers
{
    /// <summary>Removes heartbeats, and small files that were staged but not published, of fetchers that can never write again.</summary>
    public static void Sweep(CacheLayout cache, OwnerWatch watch, string self)
    {
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

                File.Delete(heartbeat);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Somebody else's to remove.
            }
        }
    }
}
