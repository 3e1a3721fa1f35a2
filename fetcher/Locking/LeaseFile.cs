using System.Text;
using Microsoft.Win32.SafeHandles;
using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Publishing;

namespace Stevedore.Fetcher.Locking;

/// <summary>What a lease is for.</summary>
internal enum LeaseKind
{
    /// <summary>To fetch, or to take over.</summary>
    Fetch,

    /// <summary>To give the blob its final name.</summary>
    Publish,
}

/// <summary>
/// One lease on disk: a file <c>KEY.EPOCH</c> that is created exclusively, with the words <c>KIND OWNER</c> in it, and <c>released</c> behind them where
/// the owner has put the blob down.
/// </summary>
/// <param name="Owner">Who made it; null where its maker has not written its name yet, or died before it could.</param>
/// <param name="IsReleased">Whether its owner will not touch the epoch's files again.</param>
internal sealed record LeaseFile(string? Owner, bool IsReleased)
{
    private const string Released = "released";
    private const int LongestLease = 4096;

    // What the kernel calls a name that exists; File.Exists would ask a network filesystem's cache, which may still hold its absence.
    private const int Exists = 17;

    /// <summary>Where an epoch's lease lies.</summary>
    public static string PathOf(CacheLayout cache, string key, int epoch) => Path.Combine(cache.Leases, $"{key}.{epoch}");

    /// <summary>Reads a lease; null where there is none, as far as can be seen from here.</summary>
    public static LeaseFile? TryRead(string path)
    {
        // A failure to read is not an absence: somebody's lease may be there.
        if (PlainFile.TryRead(path, LongestLease) is not { } content)
            return Libc.Look(path) is null ? null : new LeaseFile(null, false);
        var words = Encoding.ASCII.GetString(content).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length >= 2 ? new LeaseFile(words[1], words.Contains(Released)) : new LeaseFile(null, false);
    }

    /// <summary>Makes a lease; false where somebody was faster.</summary>
    /// <exception cref="IOException">The volume has no room for it.</exception>
    public static bool TryCreate(string path, LeaseKind kind, string owner)
    {
        SafeFileHandle file;
        try
        {
            file = WorldReadable.Create(path);
        }
        catch (IOException error) when ((error.HResult & 0xffff) == Exists)
        {
            return false;
        }

        using (file)
        {
            try
            {
                RandomAccess.Write(file, Words(kind, owner), 0);
                return true;
            }
            catch (IOException)
            {
                // A full disk: nobody must take the nameless lease for somebody's.
                File.Delete(path);
                throw;
            }
        }
    }

    /// <summary>Says in a lease that its owner has put the blob down.</summary>
    public static void Release(string path, string owner)
    {
        using var file = Libc.OpenPlain(path, writable: true);
        if (file is not null)
            RandomAccess.Write(file, Words(LeaseKind.Fetch, owner, Released), 0);
    }

    private static byte[] Words(LeaseKind kind, params string[] more) =>
        Encoding.ASCII.GetBytes($"{(kind == LeaseKind.Fetch ? "fetch" : "publish")} {string.Join(' ', more)} ");
}
