namespace Stevedore.Fetcher.Manifests;

/// <summary>How a digest is computed.</summary>
internal enum DigestAlgorithm
{
    /// <summary>SHA-256 of the content: the Hub's LFS files, <c>SHA256SUMS</c>, S3's own where the uploader chose it.</summary>
    Sha256,

    /// <summary>Git's blob id, SHA-1 of <c>"blob " + length + "\0" + content</c>: the Hub's other files.</summary>
    GitSha1,

    /// <summary>Plain SHA-1, as S3 keeps it where the uploader chose it.</summary>
    Sha1,

    /// <summary>MD5: the ETag of an S3 object that was uploaded in one piece and is not encrypted with a key of its own.</summary>
    Md5,

    /// <summary>CRC-32 as in zip, most significant byte first.</summary>
    Crc32,

    /// <summary>CRC-32C (Castagnoli), most significant byte first.</summary>
    Crc32C,

    /// <summary>CRC-64/NVME, most significant byte first: what AWS's tools upload with unless told otherwise.</summary>
    Crc64Nvme,
}

/// <summary>What a file's content must hash to.</summary>
/// <param name="Algorithm">How.</param>
/// <param name="Hex">Lower-case hexadecimal.</param>
internal sealed record ContentDigest(DigestAlgorithm Algorithm, string Hex)
{
    /// <summary>
    /// Whether two contents with this digest may be taken for one. The others prove that a content arrived as it was sent, and are too short, or too easily forged, to tell
    /// it from all that a cache holds.
    /// </summary>
    public bool NamesContent => Algorithm is DigestAlgorithm.Sha256 or DigestAlgorithm.GitSha1;

    /// <summary>A digest from a source's text; null where the text is not one.</summary>
    public static ContentDigest? TryCreate(DigestAlgorithm algorithm, string? hex) =>
        hex?.Length == 2 * BytesOf(algorithm) && hex.All(char.IsAsciiHexDigit) ? new ContentDigest(algorithm, hex.ToLowerInvariant()) : null;

    /// <summary>A digest as it is printed, such as <c>sha256:…</c>; null where the text is none.</summary>
    public static ContentDigest? TryParse(string? text)
    {
        if (text?.IndexOf(':', StringComparison.Ordinal) is not (> 0 and var colon))
            return null;
        foreach (var algorithm in Enum.GetValues<DigestAlgorithm>())
        {
            if (text.AsSpan(0, colon).SequenceEqual(NameOf(algorithm)))
                return TryCreate(algorithm, text[(colon + 1)..]);
        }

        return null;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{NameOf(Algorithm)}:{Hex}";

    private static int BytesOf(DigestAlgorithm algorithm) => algorithm switch
    {
        DigestAlgorithm.Sha256 => 32,
        DigestAlgorithm.GitSha1 or DigestAlgorithm.Sha1 => 20,
        DigestAlgorithm.Md5 => 16,
        DigestAlgorithm.Crc64Nvme => 8,
        _ => 4,
    };

    private static string NameOf(DigestAlgorithm algorithm) => algorithm switch
    {
        DigestAlgorithm.Sha256 => "sha256",
        DigestAlgorithm.GitSha1 => "git-sha1",
        DigestAlgorithm.Sha1 => "sha1",
        DigestAlgorithm.Md5 => "md5",
        DigestAlgorithm.Crc32 => "crc32",
        DigestAlgorithm.Crc32C => "crc32c",
        _ => "crc64nvme",
    };
}
