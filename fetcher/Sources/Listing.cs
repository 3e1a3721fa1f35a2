using System.Security.Cryptography;
using System.Text;
using Stevedore.Contract;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Manifests;

namespace Stevedore.Fetcher.Sources;

/// <summary>Makes a manifest of what a source without versions of its own publishes at this moment: the list's digest is the version.</summary>
internal static class Listing
{
    /// <summary>A list whose entries all say what tells their content from another.</summary>
    public static ModelManifest Of(IReadOnlyList<ManifestFile> files) =>
        new(VersionOf(files.Select(file => $"{file.Path}\0{file.Size}\0{file.Digest?.ToString() ?? file.Validator}")), files);

    /// <summary>A list of digests. Sizes follow from them, and only those of the wanted files are known: they must not make another version.</summary>
    public static ModelManifest Of(IReadOnlyList<ManifestFile> files, IReadOnlyDictionary<string, ContentDigest> digests) =>
        new(VersionOf(digests.Select(entry => $"{entry.Key}\0{entry.Value}")), files);

    /// <summary>What is published now, if it is still the version that is asked for.</summary>
    /// <exception cref="FetchException">66: the source has moved on, and it keeps no old versions.</exception>
    public static ModelManifest Pinned(this ModelManifest current, string? version, ModelReference reference) =>
        version is null || version == current.Version
            ? current
            : throw new FetchException(
                ExitCode.NotFound,
                $"{reference} no longer publishes the version {version[..Math.Min(12, version.Length)]}: its files have changed; fetch it again to take what is there now.");

    private static string VersionOf(IEnumerable<string> lines)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var line in lines.Order(StringComparer.Ordinal))
            hash.AppendData(Encoding.UTF8.GetBytes(line + '\n'));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
