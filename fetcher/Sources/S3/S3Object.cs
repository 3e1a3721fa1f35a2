namespace Stevedore.Fetcher.Sources.S3;

/// <summary>An entry of a bucket's list.</summary>
/// <param name="Key">Whole and not encoded.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ETag">With its quotes; null where the list has none.</param>
/// <param name="ChecksumAlgorithm">What the store keeps a checksum by, such as <c>CRC64NVME</c>; null where it says nothing.</param>
/// <param name="ChecksumType"><c>FULL_OBJECT</c>, or <c>COMPOSITE</c> for a checksum of checksums of parts; null where the store says nothing.</param>
internal sealed record S3Object(string Key, long Size, string? ETag, string? ChecksumAlgorithm = null, string? ChecksumType = null)
{
    /// <summary>Whether asking for the object itself may give a checksum of all of it.</summary>
    public bool MayHaveChecksum => ChecksumAlgorithm is not null && ChecksumType != "COMPOSITE";

    /// <summary>The ETag's 32 hexadecimal characters where it looks like an MD5: that of parts has a dash.</summary>
    public string? Md5Candidate => ETag?.Trim('"') is { Length: 32 } tag && tag.All(char.IsAsciiHexDigit) ? tag : null;
}

/// <summary>One answer to ListObjectsV2.</summary>
/// <param name="Objects">In the store's order.</param>
/// <param name="Continuation">What asks for the next page; null on the last one.</param>
internal sealed record S3ListPage(IReadOnlyList<S3Object> Objects, string? Continuation);
