using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Stevedore.Contract.CommandLine;
using Stevedore.Fetcher.Sources.S3;
using Stevedore.Fetcher.Tests.Transfer.Web;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Tests.Sources.S3;

/// <summary>An S3 store in path style, or with the bucket in the Host header, whose every answer a test can replace.</summary>
internal sealed class FakeS3 : IAsyncDisposable
{
    private readonly RawServer _server;

    public FakeS3() => _server = new RawServer(AnswerAsync);

    public ConcurrentDictionary<string, FakeObject> Objects { get; } = new(StringComparer.Ordinal);

    public int PageSize { get; set; } = 1000;

    /// <summary>Given first; null lets the store answer.</summary>
    public Func<RawRequest, string[]?> Instead { get; set; } = _ => null;

    /// <summary>The heads of all requests.</summary>
    public IReadOnlyList<string> Requests => [.. _server.Requests];

    public Uri Endpoint => _server.Address("");

    public int Port => _server.Port;

    public S3Settings Settings => new(Endpoint, null, S3Addressing.Auto, IsAnonymous: true);

    public static string[] Refusal(int status, string code, string more = "", params string[] headers) =>
        Xml($"HTTP/1.1 {status} No", $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>No.</Message>{more}<RequestId>1</RequestId></Error>", headers);

    public static string[] Xml(string status, string body, params string[] headers) =>
        [status, "Content-Type: application/xml", $"Content-Length: {Encoding.UTF8.GetByteCount(body)}", .. headers, "", Latin(body)];

    public SourceSetup Sources(Func<S3Settings, S3Settings>? change = null, Dictionary<string, string>? environment = null, WebSettings? settings = null) =>
        new(environment, settings, s3: change is null ? Settings : change(Settings));

    public FakeObject Put(string key, string content) => Put(key, Encoding.UTF8.GetBytes(content));

    public FakeObject Put(string key, byte[] content) => Objects[key] = new FakeObject(content, $"\"{Convert.ToHexStringLower(MD5.HashData(content))}\"");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(RawRequest request)
    {
        var target = new Uri(request.Path.StartsWith('/') ? "http://x" + request.Path : request.Path);
        var instead = Instead(request);
        if (instead is not null)
        {
            await request.SayAsync(instead);
            return;
        }

        // bkt.store.test in the Host header, or /bkt/ in the path.
        var path = Uri.UnescapeDataString(target.AbsolutePath);
        var key = request.Header("Host")!.StartsWith("bkt.", StringComparison.Ordinal) ? path[1..] : path == "/bkt" ? "" : path["/bkt/".Length..];
        if (key.Length == 0)
            await request.SayAsync(Page(target));
        else if (!Objects.TryGetValue(key, out var found))
            await request.SayAsync(Refusal(404, "NoSuchKey"));
        else
            await SendAsync(request, found);
    }

    private string[] Page(Uri target)
    {
        var query = target.Query.TrimStart('?').Split('&').Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]));
        var from = int.Parse(query.GetValueOrDefault("continuation-token", "0"));
        var all = Objects.Where(entry => entry.Key.StartsWith(query["prefix"], StringComparison.Ordinal)).OrderBy(entry => entry.Key, StringComparer.Ordinal).ToList();
        var body = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>bkt</Name><EncodingType>url</EncodingType>");
        body.Append($"<IsTruncated>{(from + PageSize < all.Count ? "true" : "false")}</IsTruncated>");
        if (from + PageSize < all.Count)
            body.Append($"<NextContinuationToken>{from + PageSize}</NextContinuationToken>");
        foreach (var (key, content) in all.Skip(from).Take(PageSize))
            body.Append($"<Contents><Key>{Uri.EscapeDataString(key).Replace("%2F", "/").Replace("%20", "+")}</Key><ETag>{content.ETag.Replace("\"", "&quot;")}</ETag><Size>{content.Content.Length}</Size>{content.ListedMore}</Contents>");
        return Xml("HTTP/1.1 200 OK", body.Append("</ListBucketResult>").ToString());
    }

    private static async Task SendAsync(RawRequest request, FakeObject found)
    {
        if (request.Header("If-Match") is { } wanted && wanted != found.ETag)
        {
            await request.SayAsync(Refusal(412, "PreconditionFailed"));
            return;
        }

        var (from, to) = (0, found.Content.Length);
        if (request.Header("Range") is { } range)
        {
            var ends = range["bytes=".Length..].Split('-');
            (from, to) = (int.Parse(ends[0]), Math.Min(int.Parse(ends[1]) + 1, to));
        }

        string[] head =
        [
            request.Header("Range") is null ? "HTTP/1.1 200 OK" : "HTTP/1.1 206 Partial Content", $"ETag: {found.ETag}", $"Content-Length: {to - from}",
            .. request.Header("Range") is null ? Array.Empty<string>() : [$"Content-Range: bytes {from}-{to - 1}/{found.Content.Length}"], .. found.Headers, "", "",
        ];
        await request.SayAsync(head);
        if (!request.Head.StartsWith("HEAD", StringComparison.Ordinal))
            await request.Stream.WriteAsync(found.Content.AsMemory(from, to - from), request.Stop);
    }

    // The raw server writes Latin-1.
    private static string Latin(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
}

/// <summary>An object of the store.</summary>
/// <param name="Content">Its bytes.</param>
/// <param name="ETag">With its quotes.</param>
internal sealed record FakeObject(byte[] Content, string ETag)
{
    /// <summary>More headers of GET and HEAD.</summary>
    public string[] Headers { get; set; } = [];

    /// <summary>More elements in the list.</summary>
    public string ListedMore { get; set; } = "";
}
