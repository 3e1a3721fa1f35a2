using System.Text;
using Stevedore.HubFixture.Content;
using Stevedore.HubFixture.Hub;
using Stevedore.HubFixture.Wire;

namespace Stevedore.HubFixture.Plain;

/// <summary>The files under a folder, their listings, and who may see them.</summary>
internal sealed class PlainSite(string root, PlainFileOptions options)
{
    private const string Sums = "SHA256SUMS";
    private readonly Lazy<byte[]> _sums = new(() => SumsOf(root));

    public Answer AnswerTo(HttpContext http, Exchange exchange)
    {
        if (Refusal(http.Request) is { } refusal)
            return refusal;
        var onDisk = Path.GetFullPath(Path.Combine(root, exchange.Path.TrimStart('/')));
        if (onDisk != root.TrimEnd('/') && !onDisk.StartsWith(root.TrimEnd('/') + '/', StringComparison.Ordinal))
            return ShortAnswer.Text(400, "Bad Request");
        if (File.Exists(onDisk))
            return FileAt(onDisk, exchange);
        if (options.Listing == PlainListing.Sha256Sums && exchange.Path == $"/{Sums}")
            return new ShortAnswer(200, _sums.Value);
        if (options.Listing != PlainListing.NginxJson || !Directory.Exists(onDisk))
            return ShortAnswer.Text(404, "Not Found");
        return exchange.Path.EndsWith('/')
            ? Autoindex(new DirectoryInfo(onDisk))
            : ShortAnswer.Redirect(301, HubRoute.Escape(exchange.Path) + '/');
    }

    private ContentAnswer FileAt(string path, Exchange exchange)
    {
        exchange.File = Path.GetRelativePath(root, path);
        var modified = new DateTimeOffset(File.GetLastWriteTimeUtc(path));
        var content = new DiskContent(path);

        // nginx's own ETag: the time of the last change and the length, both in hex.
        return new ContentAnswer(content, $"\"{modified.ToUnixTimeSeconds():x}-{content.Length:x}\"")
        {
            Ranges = options.Ranges,
            Headers = [new("Last-Modified", $"{modified:R}")],
        };
    }

    /// <summary>See https://nginx.org/en/docs/http/ngx_http_autoindex_module.html, <c>autoindex_format json</c>.</summary>
    private static ShortAnswer Autoindex(DirectoryInfo folder) => ShortAnswer.Json(folder.EnumerateFileSystemInfos()
        .OrderBy(entry => entry is FileInfo)
        .ThenBy(entry => entry.Name, StringComparer.Ordinal)
        .Select(entry => entry is FileInfo file
            ? (object)new { name = file.Name, type = "file", mtime = $"{file.LastWriteTimeUtc:R}", size = file.Length }
            : new { name = entry.Name, type = "directory", mtime = $"{entry.LastWriteTimeUtc:R}" })
        .ToArray());

    private static byte[] SumsOf(string root)
    {
        var lines = Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Select(file => (Path: Path.GetRelativePath(root, file), File: file))
            .OrderBy(entry => entry.Path, StringComparer.Ordinal)
            .Select(entry => $"{Digests.Sha256(new DiskContent(entry.File))}  {entry.Path}\n");
        return Encoding.UTF8.GetBytes(string.Concat(lines));
    }

    private ShortAnswer? Refusal(HttpRequest request)
    {
        var (scheme, secret) = options switch
        {
            { BasicUser: { } user } => ("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{options.BasicPassword}"))),
            { BearerToken: { } token } => ("Bearer", token),
            _ => ("", null),
        };
        return secret is null || request.Headers.Authorization == $"{scheme} {secret}"
            ? null
            : ShortAnswer.Text(401, "Unauthorized") with { Headers = [new("WWW-Authenticate", $"{scheme} realm=\"fixture\"")] };
    }
}
