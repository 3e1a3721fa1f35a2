using Stevedore.Contract;
using Stevedore.Contract.Layout;

namespace Stevedore.Fetcher.Commands;

/// <summary>The cache of a command that only looks at one.</summary>
internal static class CacheFolder
{
    /// <summary>A cache that is there.</summary>
    /// <exception cref="FetchException">66 where it is not.</exception>
    public static CacheLayout Existing(string path)
    {
        var root = Path.GetFullPath(path);
        return Directory.Exists(root)
            ? new CacheLayout(root)
            : throw new FetchException(ExitCode.NotFound, $"There is no cache at {root}; name the folder that was given to fetch with --cache.");
    }
}
