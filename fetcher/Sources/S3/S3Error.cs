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
    /// <param name="answer">The answer.</param>
    /// <param name="body">Its body, which is not waited for without end.</param>
    public static async Task<S3Error> OfAsync(WebAnswer answer, Stream body)
    {
        var region = answer.Header("x-amz-bucket-region");
        if (answer.Asked.Method == HttpMethod.Head)
            return new S3Error(null, region);
        try
        {
            return await ReadAsync(body, region);
        }
        catch (Exception broken) when (broken is XmlException || ConnectionException.IsOne(broken))
        {
            return new S3Error(null, region);
        }
    }

    /// <summary>Does what <see cref="OfAsync"/> does on the calling thread, for threads that do nothing but one stream.</summary>
    public static S3Error Of(WebAnswer answer, WebSettings settings)
    {
        using var body = new BoundedBody(answer.Response.Content.ReadAsStream(), answer.Who, settings);
        return OfAsync(answer, body).GetAwaiter().GetResult();
    }

    private static async Task<S3Error> ReadAsync(Stream body, string? region)
    {
        string? code = null;
        using var xml = XmlReader.Create(body, new XmlReaderSettings
        {
            Async = true,
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreWhitespace = true,
            MaxCharactersInDocument = Longest,
        });
        await xml.MoveToContentAsync();
        if (xml.LocalName != "Error")
            return new S3Error(null, region);
        await xml.ReadAsync();
        while (xml.NodeType == XmlNodeType.Element)
        {
            if (xml.LocalName == "Code")
                code = await xml.ReadElementContentAsStringAsync();
            else if (xml.LocalName == "Region" && region is null)
                region = await xml.ReadElementContentAsStringAsync();
            else
                await xml.SkipAsync();
        }

        return new S3Error(code, region);
    }

    /// <summary>Whether the store says that the bucket is to be asked for in another region.</summary>
    public bool IsElsewhere(HttpStatusCode status, string askedRegion) =>
        Region is { Length: > 0 } region && region != askedRegion && region.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
        && (status is HttpStatusCode.MovedPermanently or HttpStatusCode.TemporaryRedirect or HttpStatusCode.BadRequest
            || Code is "AuthorizationHeaderMalformed" or "PermanentRedirect" or "IllegalLocationConstraintException");
}
