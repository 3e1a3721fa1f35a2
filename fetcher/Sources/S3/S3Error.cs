using System.Net;
using System.Xml;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Sources.S3;

/// <summary>What a store says in the body of a refusal, such as <c>&lt;Error&gt;&lt;Code&gt;NoSuchKey&lt;/Code&gt;…</c>.</summary>
/// <param name="Code">Null where the answer holds no such document, as to HEAD.</param>
/// <param name="Region">The region where the bucket lies, where the store says so; also in a header.</param>
internal sealed record S3Error(string? Code, string? Region)
{
    // Real ones have a few hundred bytes.
    private const int Longest = 64 << 10;

    /// <summary>Reads what an answer says; whatever can't be read says nothing.</summary>
    public static S3Error Of(WebAnswer answer)
    {
        var region = answer.Header("x-amz-bucket-region");
        if (answer.Asked.Method == HttpMethod.Head)
            return new S3Error(null, region);
        try
        {
            using var body = answer.Response.Content.ReadAsStream();
            return Read(body, region);
        }
        catch (Exception broken) when (broken is XmlException || ConnectionException.IsOne(broken))
        {
            return new S3Error(null, region);
        }
    }

    /// <summary>Reads a document.</summary>
    /// <exception cref="XmlException">It is none.</exception>
    public static S3Error Read(Stream body, string? region = null)
    {
        string? code = null;
        using var xml = XmlReader.Create(body, new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreWhitespace = true, MaxCharactersInDocument = Longest,
        });
        xml.MoveToContent();
        if (xml.LocalName != "Error")
            return new S3Error(null, region);
        xml.Read();
        while (xml.NodeType == XmlNodeType.Element)
        {
            if (xml.LocalName == "Code")
                code = xml.ReadElementContentAsString();
            else if (xml.LocalName == "Region")
                region ??= xml.ReadElementContentAsString();
            else
                xml.Skip();
        }

        return new S3Error(code, region);
    }

    /// <summary>Whether the store says that the bucket is to be asked for in another region.</summary>
    public bool IsElsewhere(HttpStatusCode status, string askedRegion) =>
        Region is { Length: > 0 } region && region != askedRegion && region.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
        && (status is HttpStatusCode.MovedPermanently or HttpStatusCode.TemporaryRedirect or HttpStatusCode.BadRequest
            || Code is "AuthorizationHeaderMalformed" or "PermanentRedirect" or "IllegalLocationConstraintException");
}
