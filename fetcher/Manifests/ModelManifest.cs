namespace Stevedore.Fetcher.Manifests;

/// <summary>The files of one version of a model.</summary>
/// <param name="Version">A commit of the Hub, or the digest of the file list: 40 or 64 hexadecimal characters.</param>
/// <param name="Files">Every file that the source lists, in the source's order, before any filter; their paths have passed <see cref="PathGuard"/>.</param>
internal sealed record ModelManifest(string Version, IReadOnlyList<ManifestFile> Files);

/// <summary>One file of a version.</summary>
/// <param name="Path">Relative, with <c>/</c> between folders.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Digest">What the content must hash to; null where the source publishes none and size is all there is to check.</param>
/// <param name="Validator">Where there is no digest, what tells this content from another of the same size: an ETag or a modification time.</param>
internal sealed record ManifestFile(string Path, long Size, ContentDigest? Digest, string? Validator = null);
