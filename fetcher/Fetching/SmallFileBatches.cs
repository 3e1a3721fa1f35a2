using System.Security.Cryptography;
using System.Text;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Fetching;

/// <summary>
/// Which small files share a lease: five thousand leases on a network filesystem would take minutes. The batches follow from the wanted files alone, not from
/// what of them is missing, so that fetchers that start at different times agree about them.
/// </summary>
internal static class SmallFileBatches
{
    private const int MostFiles = 64;

    // What a kill wastes of a connection besides its socket's buffers, since small files have no journal.
    private const long MostBytes = 2 << 20;

    /// <summary>The batch of each content that fits into a block.</summary>
    /// <param name="contents">All wanted contents of a version: key and bytes.</param>
    public static Dictionary<string, string> Of(IEnumerable<(string Key, long Size)> contents)
    {
        var batches = new Dictionary<string, string>(StringComparer.Ordinal);
        var open = new List<string>();
        var bytes = 0L;
        foreach (var (key, size) in contents.Where(content => content.Size <= BlockMap.BlockSize).DistinctBy(content => content.Key).OrderBy(content => content.Key, StringComparer.Ordinal))
        {
            if (open.Count == MostFiles || (open.Count > 0 && bytes + size > MostBytes))
                Close();
            open.Add(key);
            bytes += size;
        }

        Close();
        return batches;

        void Close()
        {
            var name = "batch-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', open))))[..32];
            foreach (var key in open)
                batches[key] = name;
            open.Clear();
            bytes = 0;
        }
    }
}
