using System.Buffers.Binary;

namespace Stevedore.Fetcher.Tests.Transfer.Web;

/// <summary>What a client says first, as RFC 8446, 4.1.2 lays it out: SslStream shows a server no more of it than the name.</summary>
/// <param name="Versions">What it would speak: 0x0303 is TLS 1.2, 0x0304 TLS 1.3.</param>
/// <param name="Suites">How it would encrypt, by IANA's numbers.</param>
internal sealed record TlsHello(IReadOnlyList<ushort> Versions, IReadOnlyList<ushort> Suites)
{
    private const int SupportedVersions = 43;
    private const ushort Tls12 = 0x0303;

    /// <summary>
    /// Whether a server could answer it with TLS 1.1 or older. .NET's own list may name those versions and yet have no suite for them: RFC 5246 has the first ones
    /// that need TLS 1.2; RFC 4492's elliptic ones (0xC001 and up) and all but a few below 0x009C do not. 0x00FF is no suite but a signal.
    /// </summary>
    public bool CanEndBelowTls12 => Versions.Any(version => version < Tls12) && Suites.Any(suite => suite is < 0x009C or (>= 0xC001 and <= 0xC022));

    public static async Task<TlsHello> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var header = new byte[5];
        await stream.ReadExactlyAsync(header, cancellationToken);
        var hello = new byte[BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(3))];
        await stream.ReadExactlyAsync(hello, cancellationToken);
        return Parse(hello);
    }

    private static TlsHello Parse(ReadOnlySpan<byte> hello)
    {
        // Type and length, the version of old, the random bytes; then the session, the suites and the compressions, each behind its length.
        var rest = hello[(4 + 2 + 32)..];
        rest = rest[(1 + rest[0])..];
        var suites = Numbers(rest.Slice(2, BinaryPrimitives.ReadUInt16BigEndian(rest)));
        rest = rest[(2 + (2 * suites.Length))..];
        rest = rest[(1 + rest[0])..];
        for (rest = rest[2..]; rest.Length > 0;)
        {
            var content = rest.Slice(4, BinaryPrimitives.ReadUInt16BigEndian(rest[2..]));
            if (BinaryPrimitives.ReadUInt16BigEndian(rest) == SupportedVersions)
                return new TlsHello(Numbers(content[1..]), suites);
            rest = rest[(4 + content.Length)..];
        }

        throw new InvalidDataException("The hello names no versions, as only clients do that know no TLS 1.3.");
    }

    private static ushort[] Numbers(ReadOnlySpan<byte> pairs) => [.. pairs.ToArray().Chunk(2).Select(pair => BinaryPrimitives.ReadUInt16BigEndian(pair))];
}
