using System.Formats.Asn1;

namespace Stevedore.Fetcher.Tests.Trust;

/// <summary>Revocation lists that .NET does not write. Their signature is none, which reading does not ask for.</summary>
internal static class WrittenList
{
    /// <summary>A list of nothing, with one extension or none.</summary>
    public static byte[] Of(TestAuthority authority, byte[]? extension = null, byte[]? algorithm = null)
    {
        algorithm ??= Algorithm("1.2.840.10045.4.3.2");
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteInteger(1);
                writer.WriteEncodedValue(algorithm);
                writer.WriteEncodedValue(authority.Certificate.SubjectName.RawData);
                writer.WriteUtcTime(DateTimeOffset.UtcNow);
                if (extension is not null)
                {
                    using var outer = writer.PushSequence(Tag(0));
                    using var inner = writer.PushSequence();
                    writer.WriteEncodedValue(extension);
                }
            }

            writer.WriteEncodedValue(algorithm);
            writer.WriteBitString([1, 2, 3]);
        }

        return writer.Encode();
    }

    /// <summary>One extension, in hex, as test data must be text.</summary>
    public static string Extension(string id, bool isCritical, string value)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(id);
            if (isCritical)
                writer.WriteBoolean(true);
            writer.WriteOctetString(Convert.FromHexString(value));
        }

        return Convert.ToHexString(writer.Encode());
    }

    /// <summary>AlgorithmIdentifier.</summary>
    public static byte[] Algorithm(string id, byte[]? parameters = null)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(id);
            if (parameters is not null)
                writer.WriteEncodedValue(parameters);
        }

        return writer.Encode();
    }

    /// <summary>RSASSA-PSS (RFC 4055, 3.1); what is null is left out.</summary>
    public static byte[] Pss(string? hash, string? maskHash, int? salt)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            if (hash is not null)
                Tagged(0, Algorithm(hash));
            if (maskHash is not null)
                Tagged(1, Algorithm("1.2.840.113549.1.1.8", Algorithm(maskHash)));
            if (salt is { } length)
            {
                using var _ = writer.PushSequence(Tag(2));
                writer.WriteInteger(length);
            }
        }

        return Algorithm("1.2.840.113549.1.1.10", writer.Encode());

        void Tagged(int number, byte[] value)
        {
            using var _ = writer.PushSequence(Tag(number));
            writer.WriteEncodedValue(value);
        }
    }

    private static Asn1Tag Tag(int number) => new(TagClass.ContextSpecific, number);
}
