using Stevedore.Contract.Layout;

namespace Stevedore.Fetcher.Publishing;

/// <summary>How a snapshot's file leads to its content.</summary>
internal enum LinkMode
{
    /// <summary>A relative symbolic link to the blob, as the Hub's own library makes.</summary>
    Symbolic,

    /// <summary>A second name of the blob, where the filesystem has no symbolic links.</summary>
    Hard,

    /// <summary>The content itself lies there and there is no blob, where the filesystem has neither.</summary>
    Moved,
}

/// <summary>What a volume was seen to do; nothing is assumed from its kind.</summary>
/// <param name="Links">How snapshots are made.</param>
/// <param name="IsCaseBlind">Whether names that differ in case only are the same file.</param>
internal sealed record VolumeTraits(LinkMode Links, bool IsCaseBlind)
{
    /// <summary>Tries links and names in the cache's internal folder.</summary>
    /// <exception cref="IOException">The volume can't be written.</exception>
    public static VolumeTraits Probe(CacheLayout cache)
    {
        WorldReadable.MakeFolder(cache.Internal);
        var stem = Path.Combine(cache.Internal, $"probe-{Guid.NewGuid():N}");
        try
        {
            WorldReadable.Create(stem + "-a").Dispose();
            var mode = TrySymbolic(stem) ? LinkMode.Symbolic : Libc.TryLink(stem + "-a", stem + "-hard") ? LinkMode.Hard : LinkMode.Moved;
            return new VolumeTraits(mode, File.Exists(stem + "-A"));
        }
        finally
        {
            File.Delete(stem + "-a");
            File.Delete(stem + "-link");
            File.Delete(stem + "-hard");
        }
    }

    private static bool TrySymbolic(string stem)
    {
        try
        {
            File.CreateSymbolicLink(stem + "-link", Path.GetFileName(stem) + "-a");
            return File.Exists(stem + "-link");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            return false;
        }
    }
}
