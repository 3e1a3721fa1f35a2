namespace Stevedore.Fetcher.Manifests;

/// <summary>How a digest is computed.</summary>
internal enum DigestAlgorithm
{
    /// <summary>SHA-256 of the content: the Hub's LFS files, <c>SHA256SUMS</c>.</summary>
    Sha256,

    /// <summary>Git's blob id, SHA-1 of <c>"blob " + length + "\0" + content</c>: the Hub's other files.</summary>
    GitSha1,
}

/// <summary>What a file's content must hash to.</summary>
/// <param name="Algorithm">How.</param>
/// <param name="Hex">Lower-case hexadecimal; 64 characters for SHA-256, 40 for Git.</param>
internal sealed record ContentDigest(DigestAlgorithm Algorithm, string Hex)
{
    /// <summary>A digest from a source's text; null where the text is not one.</summary>
    public static ContentDigest? TryCreate(DigestAlgorithm algorithm, string? hex)
    {
        var length = algorithm == DigestAlgorithm.Sha256 ? 64 : 40;
        return hex?.Length == length && hex.All(char.IsAsciiHexDigit) ? new ContentDigest(algorithm, hex.ToLowerInvariant()) : null;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{(Algorithm == DigestAlgorithm.Sha256 ? "sha256" : "git-sha1")}:{Hex}";
}
