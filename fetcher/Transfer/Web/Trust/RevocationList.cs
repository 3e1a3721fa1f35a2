using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Stevedore.Fetcher.Transfer.Web.Trust;

/// <summary>
/// A list of certificates that their authority took back before they expired (a CRL: RFC 5280, 5.1), read from DER, for which .NET has no public reader.
/// Only what it lists counts: a certificate that is not on it is as good as before, so a list that is old, or of a part of an authority's certificates, needs no
/// care of its own. When the next list was due is therefore not looked at: what was taken back stays so, and a bundle that nobody renewed must not stop every fetch.
/// </summary>
internal sealed class RevocationList
{
    private const string DistributionPoint = "2.5.29.28";

    private static readonly Asn1Tag Extensions = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag IsIndirect = new(TagClass.ContextSpecific, 4);
    private static readonly Asn1Tag OnlyOfAttributes = new(TagClass.ContextSpecific, 5);

    private readonly ReadOnlyMemory<byte> _issuer;
    private readonly ReadOnlyMemory<byte> _signed;
    private readonly ListSignature _signature;
    private readonly HashSet<BigInteger> _serials;

    private RevocationList(ReadOnlyMemory<byte> issuer, ReadOnlyMemory<byte> signed, ListSignature signature, HashSet<BigInteger> serials) =>
        (_issuer, _signed, _signature, _serials) = (issuer, signed, signature, serials);

    /// <summary>The authority's name, for people.</summary>
    public string Issuer => new X500DistinguishedName(_issuer.Span).Name;

    /// <summary>Reads one.</summary>
    /// <param name="der">Kept, and not to be changed.</param>
    /// <exception cref="AsnContentException">It is not a list, or a part of one.</exception>
    /// <exception cref="CryptographicException">It is signed, or meant, in a way that can't be honoured here.</exception>
    public static RevocationList Parse(ReadOnlyMemory<byte> der)
    {
        var all = new AsnReader(der, AsnEncodingRules.DER);
        var list = all.ReadSequence();
        all.ThrowIfNotEmpty();
        var signed = list.PeekEncodedValue();
        var content = list.ReadSequence();
        var algorithm = list.ReadEncodedValue();
        var signature = ListSignature.Parse(algorithm, list.ReadBitString(out var unusedBits));
        list.ThrowIfNotEmpty();

        if (unusedBits != 0)
            throw new AsnContentException("A signature is whole bytes.");
        // Version 1 leaves it out; 1 means 2.
        if (content.PeekTag().HasSameClassAndValue(Asn1Tag.Integer) && content.ReadInteger() != BigInteger.One)
            throw new AsnContentException("There is no third version of revocation lists.");
        if (!content.ReadEncodedValue().Span.SequenceEqual(algorithm.Span))
            throw new AsnContentException("The list names one algorithm inside of what is signed and another outside.");
        var issuer = content.PeekEncodedValue();
        content.ReadSequence();
        SkipTime(content);
        if (IsNextATime(content))
            SkipTime(content);
        var serials = content.HasData && content.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence) ? Serials(content.ReadSequence()) : [];
        if (content.HasData)
            CheckExtensions(content.ReadSequence(Extensions));
        content.ThrowIfNotEmpty();
        return new RevocationList(issuer, signed, signature, serials);
    }

    /// <summary>Whether the issuer of a certificate is whose list this is. Names count byte for byte: an authority has to write its own the same everywhere (RFC 5280, 4.1.2.6).</summary>
    public bool IsOfIssuerOf(X509Certificate2 certificate) => _issuer.Span.SequenceEqual(certificate.IssuerName.RawData);

    /// <summary>Whether it was signed with an authority's key.</summary>
    public bool IsSignedBy(X509Certificate2 authority) => _signature.IsOf(_signed.Span, authority);

    /// <summary>Whether an authority is called as the list says.</summary>
    public bool IsNamed(X509Certificate2 authority) => _issuer.Span.SequenceEqual(authority.SubjectName.RawData);

    /// <summary>Whether a certificate of the list's issuer is on it.</summary>
    public bool Lists(X509Certificate2 certificate)
    {
        // Not what .NET shows of it, which loses the sign that a careless authority's number may have.
        var content = new AsnReader(certificate.RawDataMemory, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        if (content.PeekTag().HasSameClassAndValue(Extensions))
            content.ReadEncodedValue();
        return _serials.Contains(content.ReadInteger());
    }

    private static HashSet<BigInteger> Serials(AsnReader entries)
    {
        var serials = new HashSet<BigInteger>();
        while (entries.HasData)
        {
            var entry = entries.ReadSequence();
            serials.Add(entry.ReadInteger());
            SkipTime(entry);
            if (entry.HasData)
                CheckNoneCritical(entry.ReadSequence());
            entry.ThrowIfNotEmpty();
        }

        return serials;
    }

    private static bool IsNextATime(AsnReader content) =>
        content.HasData && (content.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) || content.PeekTag().HasSameClassAndValue(Asn1Tag.GeneralizedTime));

    private static void SkipTime(AsnReader content)
    {
        if (content.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime))
            content.ReadUtcTime();
        else
            content.ReadGeneralizedTime();
    }

    /// <summary>An entry with a critical extension is of another issuer's certificate (RFC 5280, 5.3.3).</summary>
    private static void CheckNoneCritical(AsnReader extensions)
    {
        while (extensions.HasData)
        {
            if (ReadExtension(extensions) is { IsCritical: true } unknown)
                throw NotHonoured($"an entry with the extension {unknown.Id}");
        }
    }

    /// <summary>What is critical and not understood makes a list mean something else (RFC 5280, 5.2): changes to another list, or certificates of several issuers.</summary>
    private static void CheckExtensions(AsnReader wrapped)
    {
        var extensions = wrapped.ReadSequence();
        wrapped.ThrowIfNotEmpty();
        while (extensions.HasData)
        {
            var (id, isCritical, value) = ReadExtension(extensions);
            if (isCritical && (id != DistributionPoint || IsOfOthers(new AsnReader(value, AsnEncodingRules.DER).ReadSequence())))
                throw NotHonoured($"the extension {id}");
        }
    }

    private static bool IsOfOthers(AsnReader point)
    {
        for (; point.HasData; point.ReadEncodedValue())
        {
            if (point.PeekTag().HasSameClassAndValue(IsIndirect) || point.PeekTag().HasSameClassAndValue(OnlyOfAttributes))
                return true;
        }

        return false;
    }

    private static (string Id, bool IsCritical, ReadOnlyMemory<byte> Value) ReadExtension(AsnReader extensions)
    {
        var extension = extensions.ReadSequence();
        var id = extension.ReadObjectIdentifier();
        var isCritical = extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean();
        var value = extension.ReadOctetString();
        extension.ThrowIfNotEmpty();
        return (id, isCritical, value);
    }

    private static CryptographicException NotHonoured(string what) => new($"A revocation list has {what}, which changes what it means and is not understood here.");
}
