using Stevedore.Contract;
using Stevedore.Fetcher.Manifests;

namespace Stevedore.Fetcher.Sources.Web;

/// <summary>A directory with <c>SHA256SUMS</c> at its root: exactly what that names, with digests.</summary>
internal static class SumsListing
{
    // With fewer files, their sizes are asked for faster than the folders' lists are read.
    private const int WorthAnIndex = 32;

    /// <summary>The wanted files; null where there is no such list.</summary>
    public static async Task<ModelManifest?> TryAsync(WebPlace place, FileFilter filter, Patience patience, CancellationToken cancellationToken)
    {
        var digests = await place.ReadAsync(
            Sha256Sums.FileName,
            patience,
            (_, body, stop) => Sha256Sums.ReadAsync(body, place.Name + Sha256Sums.FileName, stop),
            cancellationToken);
        if (digests is null)
            return null;

        digests.Remove(Sha256Sums.FileName);
        PathGuard.Check(digests.Keys, place.Name + Sha256Sums.FileName);
        var named = digests.Select(entry => new ManifestFile(entry.Key, 0, entry.Value)).ToList();
        var wanted = filter.Select(named).Select(file => file.Path).ToList();
        var files = new List<ManifestFile>();
        var sizes = wanted.Count >= WorthAnIndex ? await IndexedSizesAsync(place, patience, cancellationToken) : [];
        files.AddRange(wanted.Where(sizes.ContainsKey).Select(path => new ManifestFile(path, sizes[path], digests[path])));
        foreach (var probe in await place.ProbeAsync([.. wanted.Where(path => !sizes.ContainsKey(path))], patience, cancellationToken))
        {
            files.Add(probe.Size is { } size
                ? new ManifestFile(probe.Path, size, digests[probe.Path])
                : throw new FetchException(
                    ExitCode.NotFound,
                    $"{place.Name} names {probe.Path} in {Sha256Sums.FileName} but does not have it (HTTP {(int)probe.Status}); publish the file, or leave it out with --exclude."));
        }

        return Listing.Of(files, digests);
    }

    /// <summary>The sizes that nginx's lists give; none where there are no such lists, or where they are not in order.</summary>
    private static async Task<Dictionary<string, long>> IndexedSizesAsync(WebPlace place, Patience patience, CancellationToken cancellationToken)
    {
        try
        {
            return (await AutoIndexListing.TryAsync(place, patience, cancellationToken))?.Files.ToDictionary(file => file.Path, file => file.Size) ?? [];
        }
        catch (FetchException unusable) when (unusable.Code is ExitCode.WrongContent or ExitCode.NotFound)
        {
            return [];
        }
    }
}
