using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Stevedore.Fetcher.Transfer.Web.Trust;

/// <summary>How a revocation list is signed: RSA of both paddings, or ECDSA, with a hash of the SHA-2 family (RFC 4055, RFC 5758).</summary>
internal sealed class ListSignature
{
    private const string Pss = "1.2.840.113549.1.1.10";
    private const string Mgf1 = "1.2.840.113549.1.1.8";

    private readonly HashAlgorithmName _hash;
    private readonly RSASignaturePadding? _padding;
    private readonly byte[] _signature;

    private ListSignature(HashAlgorithmName hash, RSASignaturePadding? padding, byte[] signature) => (_hash, _padding, _signature) = (hash, padding, signature);

    /// <summary>Reads how.</summary>
    /// <param name="algorithm">AlgorithmIdentifier, in DER.</param>
    /// <param name="signature">The signature itself.</param>
    /// <exception cref="AsnContentException">It is no algorithm.</exception>
    /// <exception cref="CryptographicException">It is one that is not known here.</exception>
    public static ListSignature Parse(ReadOnlyMemory<byte> algorithm, byte[] signature)
    {
        var reader = new AsnReader(algorithm, AsnEncodingRules.DER).ReadSequence();
        var id = reader.ReadObjectIdentifier();
        return id switch
        {
            "1.2.840.113549.1.1.11" => new ListSignature(HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1, signature),
            "1.2.840.113549.1.1.12" => new ListSignature(HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1, signature),
            "1.2.840.113549.1.1.13" => new ListSignature(HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1, signature),
            "1.2.840.10045.4.3.2" => new ListSignature(HashAlgorithmName.SHA256, padding: null, signature),
            "1.2.840.10045.4.3.3" => new ListSignature(HashAlgorithmName.SHA384, padding: null, signature),
            "1.2.840.10045.4.3.4" => new ListSignature(HashAlgorithmName.SHA512, padding: null, signature),
            Pss => new ListSignature(PssHash(reader.ReadSequence()), RSASignaturePadding.Pss, signature),
            _ => throw NotKnown(id),
        };
    }

    /// <summary>Whether the key of an authority made it over these bytes.</summary>
    public bool IsOf(ReadOnlySpan<byte> signed, X509Certificate2 authority)
    {
        try
        {
            if (_padding is not null)
            {
                using var rsa = authority.GetRSAPublicKey();
                return rsa?.VerifyData(signed, _signature, _hash, _padding) == true;
            }

            using var ecdsa = authority.GetECDsaPublicKey();
            return ecdsa?.VerifyData(signed, _signature, _hash, DSASignatureFormat.Rfc3279DerSequence) == true;
        }
        catch (CryptographicException)
        {
            // A signature that is none at all, or a key that can't be used.
            return false;
        }
    }

    /// <summary>.NET knows the usual kind alone: one hash for all, and a salt as long as it.</summary>
    private static HashAlgorithmName PssHash(AsnReader parameters)
    {
        // What is left out means SHA-1, and a salt as long as that.
        if (Next(0) is not { } hashes || Next(1) is not { } masks || Next(2) is not { } salt)
            throw NotKnown($"{Pss} with SHA-1 or a salt of 20 bytes");
        var hash = HashOf(hashes.ReadSequence());
        var mask = masks.ReadSequence();
        if (mask.ReadObjectIdentifier() != Mgf1 || HashOf(mask.ReadSequence()) != hash)
            throw NotKnown($"{Pss} with another mask than of its own hash");
        var length = hash == HashAlgorithmName.SHA256 ? SHA256.HashSizeInBytes : hash == HashAlgorithmName.SHA384 ? SHA384.HashSizeInBytes : SHA512.HashSizeInBytes;
        return salt.ReadInteger() == length ? hash : throw NotKnown($"{Pss} with a salt of another length than its hash");

        AsnReader? Next(int number) =>
            parameters.HasData && parameters.PeekTag().HasSameClassAndValue(Tag(number)) ? parameters.ReadSequence(Tag(number)) : null;

        static Asn1Tag Tag(int number) => new(TagClass.ContextSpecific, number);
    }

    private static HashAlgorithmName HashOf(AsnReader algorithm) => algorithm.ReadObjectIdentifier() switch
    {
        "2.16.840.1.101.3.4.2.1" => HashAlgorithmName.SHA256,
        "2.16.840.1.101.3.4.2.2" => HashAlgorithmName.SHA384,
        "2.16.840.1.101.3.4.2.3" => HashAlgorithmName.SHA512,
        var other => throw NotKnown($"{Pss} with the hash {other}"),
    };

    private static CryptographicException NotKnown(string algorithm) => new($"A revocation list is signed with {algorithm}, which is not known here.");
}
