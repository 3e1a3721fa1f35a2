using System.Globalization;
using System.Xml;
using Stevedore.Contract;

namespace Stevedore.Fetcher.Sources.S3;

/// <summary>Reads the XML of ListObjectsV2: what it does not know it skips, and what it needs must be there.</summary>
internal static class S3ListReader
{
    private static readonly XmlReaderSettings Careful = new()
    {
        Async = true,
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreWhitespace = true,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
    };

    /// <summary>Reads a page.</summary>
    /// <param name="body">The answer.</param>
    /// <param name="store">Whose answer it is, for a sentence.</param>
    /// <exception cref="XmlException">It breaks off, or is no XML.</exception>
    /// <exception cref="FetchException">65: it is XML and no list of S3's.</exception>
    public static async Task<S3ListPage> ReadAsync(Stream body, string store)
    {
        using var xml = XmlReader.Create(body, Careful);
        await xml.MoveToContentAsync();
        if (xml.LocalName != "ListBucketResult")
            throw Wrong(store, $"answers with a <{Quoted.Text(xml.LocalName).Trim('"')}> document");

        var objects = new List<S3Object>();
        var (isTruncated, isUrlEncoded) = (false, false);
        string? continuation = null;
        await xml.ReadAsync();
        while (xml.NodeType == XmlNodeType.Element)
        {
            switch (xml.LocalName)
            {
                case "IsTruncated":
                    isTruncated = await TextAsync(xml) == "true";
                    break;
                case "NextContinuationToken":
                    continuation = await TextAsync(xml);
                    break;
                case "EncodingType":
                    isUrlEncoded = await TextAsync(xml) == "url";
                    break;
                case "Contents":
                    objects.Add(await ObjectAsync(xml, store));
                    break;
                default:
                    await xml.SkipAsync();
                    break;
            }
        }

        // To the end of the document: one that breaks off here is no whole list.
        while (await xml.ReadAsync())
        {
        }

        if (isTruncated && string.IsNullOrEmpty(continuation))
            throw Wrong(store, "says that its list goes on and does not say how");
        return new S3ListPage(
            isUrlEncoded ? [.. objects.Select(entry => entry with { Key = Decoded(entry.Key) })] : objects, isTruncated ? continuation : null);
    }

    private static async Task<S3Object> ObjectAsync(XmlReader xml, string store)
    {
        string? key = null, size = null, etag = null, algorithm = null, type = null;
        var isEmpty = xml.IsEmptyElement;
        await xml.ReadAsync();
        while (!isEmpty && xml.NodeType == XmlNodeType.Element)
        {
            switch (xml.LocalName)
            {
                case "Key":
                    key = await TextAsync(xml);
                    break;
                case "Size":
                    size = await TextAsync(xml);
                    break;
                case "ETag":
                    etag = await TextAsync(xml);
                    break;
                case "ChecksumAlgorithm":
                    algorithm = await TextAsync(xml);
                    break;
                case "ChecksumType":
                    type = await TextAsync(xml);
                    break;
                default:
                    await xml.SkipAsync();
                    break;
            }
        }

        if (!isEmpty)
            await xml.ReadAsync();
        if (key is null)
            throw Wrong(store, "lists an object without a key");
        return long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
            ? new S3Object(key, bytes, Tag(etag), NotEmpty(algorithm), NotEmpty(type))
            : throw Wrong(store, $"lists the object {Quoted.Text(key)} without a valid size");
    }

    private static Task<string> TextAsync(XmlReader xml) => xml.ReadElementContentAsStringAsync();

    // Some stores leave the quotes out in lists; headers have them always.
    private static string? Tag(string? etag) => string.IsNullOrWhiteSpace(etag) ? null : $"\"{etag.Trim().Trim('"')}\"";

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    // As forms encode: S3 writes a space as "+".
    private static string Decoded(string key) => Uri.UnescapeDataString(key.Replace('+', ' '));

    private static FetchException Wrong(string store, string what) =>
        new(ExitCode.WrongContent, $"{store} {what} when asked for the list of a prefix; check that the endpoint is an S3 store.");
}
