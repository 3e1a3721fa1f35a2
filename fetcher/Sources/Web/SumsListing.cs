using Stevedore.Contract;
using Stevedore.Fetcher.Manifests;

namespace Stevedore.Fetcher.Sources.Web;

/// <summary>A directory with <c>SHA256SUMS</c> at its root: exactly what that names, with digests.</summary>
internal static class SumsListing
{
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
        foreach (var probe in await place.ProbeAsync(wanted, patience, cancellationToken))
        {
            files.Add(probe.Size is { } size
                ? new ManifestFile(probe.Path, size, digests[probe.Path])
                : throw new FetchException(
                    ExitCode.NotFound,
                    $"{place.Name} names {probe.Path} in {Sha256Sums.FileName} but does not have it (HTTP {(int)probe.Status}); publish the file, or leave it out with --exclude."));
        }

        return Listing.Of(files, digests);
    }
}
