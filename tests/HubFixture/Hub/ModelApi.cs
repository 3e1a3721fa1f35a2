using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.Http.Extensions;
using Stevedore.HubFixture.Content;
using Stevedore.HubFixture.Wire;

namespace Stevedore.HubFixture.Hub;

/// <summary>The two listings of the Hub's API.</summary>
internal static class ModelApi
{
    public static ShortAnswer Info(Repository repository, Commit commit, bool withBlobs) => ShortAnswer.Json(new Dictionary<string, object>
    {
        ["_id"] = commit.Sha[..24],
        ["id"] = repository.Id,
        ["modelId"] = repository.Id,
        ["private"] = repository.Private,
        ["gated"] = repository.Gated ? "manual" : false,
        ["disabled"] = false,
        ["downloads"] = 0,
        ["likes"] = 0,
        ["lastModified"] = "2026-01-01T00:00:00.000Z",
        ["tags"] = new[] { "safetensors", "llama" },
        ["sha"] = commit.Sha,
        ["siblings"] = commit.Files.Select(file => Sibling(file, withBlobs)).ToArray(),
    });

    /// <summary>One page; the cursor in the link to the next is opaque to clients.</summary>
    public static ShortAnswer Tree(Commit commit, HubRoute.Tree route, HttpRequest request, int pageSize)
    {
        var entries = Entries(commit, route.Folder, recursive: request.Query["recursive"] == "true");
        if (entries.Count == 0 && route.Folder.Length > 0)
            return HubErrors.NoEntry(route.Folder);
        var size = int.TryParse(request.Query["limit"], out var limit) && limit > 0 ? Math.Min(limit, pageSize) : pageSize;
        var start = ReadCursor(request.Query["cursor"]);
        var page = ShortAnswer.Json(entries.Skip(start).Take(size).Select(entry => entry.Json).ToArray());
        if (start + size >= entries.Count)
            return page;

        var query = new QueryBuilder(request.Query.Where(pair => pair.Key is not ("cursor" or "limit")))
        {
            { "limit", $"{size}" },
            { "cursor", Base64Url.EncodeToString(Encoding.ASCII.GetBytes($"page:{start + size}")) },
        };
        var next = $"{request.Scheme}://{request.Host}{route.PathUnder(route.Id)}{query}";
        return page with { Headers = [new("Link", $"<{next}>; rel=\"next\"")] };
    }

    private static List<(string Path, object Json)> Entries(Commit commit, string folder, bool recursive)
    {
        var prefix = folder.Length == 0 ? "" : $"{folder.TrimEnd('/')}/";
        var files = commit.Files.Where(file => file.Path.StartsWith(prefix, StringComparison.Ordinal)).ToArray();
        var folders = files
            .SelectMany(file => FoldersAbove(file.Path, prefix.Length))
            .Where(path => path.Length > 0)
            .Distinct()
            .Select(path => (path, Json: (object)new { type = "directory", oid = Digests.Sha1($"{commit.Sha} {path}"), size = 0, path }));
        return
        [
            .. folders.Concat(files.Select(file => (path: file.Path, Json: FileEntry(file))))
                .Where(entry => recursive || !entry.path[prefix.Length..].Contains('/', StringComparison.Ordinal))
                .OrderBy(entry => entry.path, StringComparer.Ordinal),
        ];
    }

    private static IEnumerable<string> FoldersAbove(string path, int from)
    {
        for (var slash = path.IndexOf('/', from); slash >= 0; slash = path.IndexOf('/', slash + 1))
            yield return path[..slash];
    }

    private static object FileEntry(RepositoryFile file) => file.IsLfs
        ? new
        {
            type = "file",
            oid = file.GitOid,
            size = file.Size,
            lfs = new { oid = file.Sha256, size = file.Size, pointerSize = file.PointerSize },
            path = file.Path,
        }
        : new { type = "file", oid = file.GitOid, size = file.Size, path = file.Path };

    private static object Sibling(RepositoryFile file, bool withBlobs) => (withBlobs, file.IsLfs) switch
    {
        (false, _) => new { rfilename = file.Path },
        (true, false) => new { rfilename = file.Path, blobId = file.GitOid, size = file.Size },
        (true, true) => new
        {
            rfilename = file.Path,
            blobId = file.GitOid,
            size = file.Size,
            lfs = new { sha256 = file.Sha256, size = file.Size, pointerSize = file.PointerSize },
        },
    };

    private static int ReadCursor(string? cursor)
    {
        const string Prefix = "page:";
        if (cursor is null)
            return 0;
        var text = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(cursor));
        return int.Parse(text[Prefix.Length..]);
    }
}
