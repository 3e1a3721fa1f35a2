using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using Stevedore.Fetcher.Manifests;

namespace Stevedore.Fetcher.Transfer;

/// <summary>A digest that is fed a content piece by piece: a cryptographic one, or a checksum as S3 keeps them.</summary>
internal abstract class RunningDigest : IDisposable
{
    /// <summary>Begins a digest; SHA-256 where none is named.</summary>
    /// <param name="digest">Names the algorithm.</param>
    /// <param name="size">Bytes of the whole content.</param>
    public static RunningDigest Begin(ContentDigest? digest, long size)
    {
        switch (digest?.Algorithm)
        {
            case DigestAlgorithm.GitSha1:
                // Git's blob id is a SHA-1 by definition; it is what the Hub publishes for files outside LFS.
                var git = new Cryptographic(HashAlgorithmName.SHA1);
                git.AppendData(Encoding.ASCII.GetBytes($"blob {size}\0"));
                return git;
            case DigestAlgorithm.Sha1:
                return new Cryptographic(HashAlgorithmName.SHA1);
            case DigestAlgorithm.Md5:
                return new Cryptographic(HashAlgorithmName.MD5);
            case DigestAlgorithm.Crc32:
                return new Checksum32(Crc32ParameterSet.Crc32);
            case DigestAlgorithm.Crc32C:
                return new Checksum32(Crc32ParameterSet.Crc32C);
            case DigestAlgorithm.Crc64Nvme:
                return new Checksum64(Crc64ParameterSet.Nvme);
            default:
                return new Cryptographic(HashAlgorithmName.SHA256);
        }
    }

    /// <summary>Takes the next bytes.</summary>
    public abstract void AppendData(ReadOnlySpan<byte> bytes);

    /// <summary>The digest of all that was taken, most significant byte first; begins anew.</summary>
    public abstract byte[] GetHashAndReset();

    /// <inheritdoc/>
    public abstract void Dispose();

    private sealed class Cryptographic(HashAlgorithmName algorithm) : RunningDigest
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(algorithm);

        public override void AppendData(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

        public override byte[] GetHashAndReset() => _hash.GetHashAndReset();

        public override void Dispose() => _hash.Dispose();
    }

    private sealed class Checksum32(Crc32ParameterSet kind) : RunningDigest
    {
        private readonly Crc32 _sum = new(kind);

        public override void AppendData(ReadOnlySpan<byte> bytes) => _sum.Append(bytes);

        public override byte[] GetHashAndReset()
        {
            var bytes = new byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32BigEndian(bytes, _sum.GetCurrentHashAsUInt32());
            _sum.Reset();
            return bytes;
        }

        public override void Dispose()
        {
        }
    }

    private sealed class Checksum64(Crc64ParameterSet kind) : RunningDigest
    {
        private readonly Crc64 _sum = new(kind);

        public override void AppendData(ReadOnlySpan<byte> bytes) => _sum.Append(bytes);

        public override byte[] GetHashAndReset()
        {
            var bytes = new byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64BigEndian(bytes, _sum.GetCurrentHashAsUInt64());
            _sum.Reset();
            return bytes;
        }

        public override void Dispose()
        {
        }
    }
}
