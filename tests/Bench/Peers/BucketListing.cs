using System.Globalization;
using System.Xml.Linq;

namespace Stevedore.Bench.Peers;

/// <summary>
/// The answer to ListObjectsV2, written once. A real store sends a thousand keys a page; all of them at once is what clients take as well, and no
/// server has to be written for it. Only lists differ from a store: objects come from nginx, whose ETags these are.
/// </summary>
internal static class BucketListing
{
    private static readonly XNamespace S3 = "http://s3.amazonaws.com/doc/2006-03-01/";

    /// <summary>The list of a bucket that holds one set, under its name.</summary>
    public static XDocument Of(WrittenSet set, string bucket)
    {
        var prefix = set.Set.Name + "/";
        var objects = set.Names.Select(name => new FileInfo(Path.Combine(set.Folder, name))).ToList();
        return new XDocument(new XElement(
            S3 + "ListBucketResult",
            new XElement(S3 + "Name", bucket),
            new XElement(S3 + "Prefix", prefix),
            new XElement(S3 + "KeyCount", objects.Count),
            new XElement(S3 + "MaxKeys", objects.Count),
            new XElement(S3 + "IsTruncated", false),
            objects.Select(file => new XElement(
                S3 + "Contents",
                new XElement(S3 + "Key", prefix + file.Name),
                new XElement(S3 + "LastModified", file.LastWriteTimeUtc.ToString("yyyy-MM-dd'T'HH:mm:ss.000'Z'", CultureInfo.InvariantCulture)),
                new XElement(S3 + "ETag", Tag(file)),
                new XElement(S3 + "Size", file.Length),
                new XElement(S3 + "StorageClass", "STANDARD")))));
    }

    // nginx: the second of the last change and the length, both in hexadecimal (ngx_http_set_etag).
    private static string Tag(FileInfo file) => $"\"{new DateTimeOffset(file.LastWriteTimeUtc).ToUnixTimeSeconds():x}-{file.Length:x}\"";
}
