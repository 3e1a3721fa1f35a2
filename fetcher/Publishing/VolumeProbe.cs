using Stevedore.Contract;
using Stevedore.Contract.Layout;

namespace Stevedore.Fetcher.Publishing;

/// <summary>
/// Tries what a cache rests on, since the kind of a filesystem says little about it: names that only one can make, writing anywhere in a file, and renaming over
/// another file. Object stores behind a mount (mountpoint-s3, goofys, blobfuse) lack some of it.
/// </summary>
internal static class VolumeProbe
{
    // Not where the file ends, so that only a filesystem that can write anywhere takes both.
    private const int Distance = 4096;

    /// <summary>Refuses a volume that can't be a cache.</summary>
    /// <exception cref="FetchException">73, with what it lacks.</exception>
    /// <exception cref="IOException">It can't be written just now.</exception>
    public static void Require(CacheLayout cache)
    {
        WorldReadable.MakeFolder(cache.Internal);
        var name = Path.Combine(cache.Internal, $"probe-{Guid.NewGuid():N}");
        var other = name + "-other";
        try
        {
            using (var file = WorldReadable.Create(name))
            {
                if (IsMadeTwice(name))
                    throw Lacks(cache, "let two make the same name");
                Try(cache, "write in the middle of a file", () =>
                {
                    RandomAccess.Write(file, "later"u8, Distance);
                    RandomAccess.Write(file, "early"u8, 0);
                    var read = new byte[5];
                    return RandomAccess.Read(file, read, 0) == read.Length && read.AsSpan().SequenceEqual("early"u8);
                });
            }

            WorldReadable.Create(other).Dispose();
            Try(cache, "rename a file over another", () =>
            {
                Renaming.Over(name, other);
                return !File.Exists(name) && new FileInfo(other).Length == Distance + 5;
            });
        }
        finally
        {
            File.Delete(name);
            File.Delete(other);
        }
    }

    private static bool IsMadeTwice(string name)
    {
        try
        {
            WorldReadable.Create(name).Dispose();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void Try(CacheLayout cache, string what, Func<bool> works)
    {
        try
        {
            if (works())
                return;
        }
        catch (Exception error) when (error is UnauthorizedAccessException || (error is IOException io && !Libc.MeansNoRoom(io)))
        {
            throw Lacks(cache, "not " + what, error);
        }

        throw Lacks(cache, "not " + what);
    }

    private static FetchException Lacks(CacheLayout cache, string what, Exception? inner = null) => new(
        ExitCode.CannotWrite,
        $"{cache.Root} can't be a cache, since its filesystem does {what}{(inner is null ? "" : $" ({inner.Message.TrimEnd('.')})")}; "
        + "it may be an object store behind a mount: put the cache on a disk, NFS, CephFS or Lustre, and fetch from the store itself.",
        inner);
}
