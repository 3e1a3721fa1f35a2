using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Stevedore.HubFixture.Content;

/// <summary>The names that git and Git LFS give to content.</summary>
[SuppressMessage("Security", "CA5350", Justification = "git names its objects by SHA-1; nothing here is protected by it.")]
internal static class Digests
{
    private const int BufferSize = 1 << 20;

    /// <summary>git's name of a blob: SHA-1 over <c>blob LENGTH NUL CONTENT</c>, in lower-case hex.</summary>
    public static string GitBlob(IContent content) => Hash(HashAlgorithmName.SHA1, $"blob {content.Length}\0", content);

    /// <summary>Git LFS's name: SHA-256 of the content, in lower-case hex.</summary>
    public static string Sha256(IContent content) => Hash(HashAlgorithmName.SHA256, "", content);

    /// <summary>SHA-1 of a text, in lower-case hex: for what only has to look like git's.</summary>
    public static string Sha1(string text) => Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Hash(HashAlgorithmName algorithm, string prefix, IContent content)
    {
        using var hash = IncrementalHash.CreateHash(algorithm);
        hash.AppendData(Encoding.ASCII.GetBytes(prefix));
        using var reader = content.Open();
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        for (var offset = 0L; offset < content.Length;)
        {
            var piece = buffer.AsSpan(0, (int)Math.Min(buffer.Length, content.Length - offset));
            reader.Read(offset, piece);
            hash.AppendData(piece);
            offset += piece.Length;
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
