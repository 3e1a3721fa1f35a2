using Stevedore.Contract.Values;

namespace Stevedore.Fetcher.Manifests;

/// <summary>Which files of a version are wanted.</summary>
/// <param name="Include">Only what one of these covers; empty for everything but the default excludes.</param>
/// <param name="Exclude">Nothing that one of these covers.</param>
internal sealed record FileFilter(IReadOnlyList<Glob> Include, IReadOnlyList<Glob> Exclude)
{
    /// <summary>The files that are wanted, in the manifest's order.</summary>
    public IReadOnlyList<ManifestFile> Select(IReadOnlyList<ManifestFile> files) =>
        [.. files.Where(file => Include.Count == 0 || Include.Any(glob => glob.Matches(file.Path)))];
}
