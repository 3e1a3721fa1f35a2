namespace Stevedore.HubFixture.Hub;

/// <summary>What a path on the Hub asks for.</summary>
/// <param name="Id">The repository.</param>
/// <param name="Revision">As asked: branch, tag or commit.</param>
internal abstract record HubRoute(string Id, string Revision)
{
    internal sealed record Info(string Id, string Revision) : HubRoute(Id, Revision);

    internal sealed record Tree(string Id, string Revision, string Folder) : HubRoute(Id, Revision);

    internal sealed record Resolve(string Id, string Revision, string File) : HubRoute(Id, Revision);

    /// <summary>Where plain files are served from when the Hub redirects them.</summary>
    internal sealed record Cached(string Id, string Revision, string File) : HubRoute(Id, Revision);

    /// <summary>Reads a path that is still percent-encoded; null where the Hub has nothing of that shape.</summary>
    public static HubRoute? Parse(string rawPath)
    {
        var segments = rawPath.TrimStart('/').Split('/').Select(Uri.UnescapeDataString).ToArray();
        return segments switch
        {
            ["api", "models", var name, "revision", .. { Length: > 0 } revision] => new Info(name, Join(revision)),
            ["api", "models", var owner, var name, "revision", .. { Length: > 0 } revision] => new Info($"{owner}/{name}", Join(revision)),
            ["api", "models", var name, "tree", .. { Length: > 0 } rest] => TreeOf(name, rest),
            ["api", "models", var owner, var name, "tree", .. { Length: > 0 } rest] => TreeOf($"{owner}/{name}", rest),
            ["api", "resolve-cache", "models", var name, { Length: 40 } sha, .. var file] => new Cached(name, sha, Join(file)),
            ["api", "resolve-cache", "models", var owner, var name, var sha, .. var file] => new Cached($"{owner}/{name}", sha, Join(file)),
            ["api", "models", var name] => new Info(name, "main"),
            ["api", "models", var owner, var name] => new Info($"{owner}/{name}", "main"),
            [var name, "resolve", .. { Length: > 1 } rest] => ResolveOf(name, rest),
            [var owner, var name, "resolve", .. { Length: > 1 } rest] => ResolveOf($"{owner}/{name}", rest),
            _ => null,
        };
    }

    /// <summary>The same request under another repository name, relative to the host.</summary>
    public string PathUnder(string id)
    {
        var revision = Uri.EscapeDataString(Revision);
        return this switch
        {
            Info => $"/api/models/{Escape(id)}/revision/{revision}",
            Tree tree => $"/api/models/{Escape(id)}/tree/{revision}{(tree.Folder.Length > 0 ? $"/{Escape(tree.Folder)}" : "")}",
            Resolve resolve => $"/{Escape(id)}/resolve/{revision}/{Escape(resolve.File)}",
            Cached cached => $"/api/resolve-cache/models/{Escape(id)}/{revision}/{Escape(cached.File)}",
            _ => throw new InvalidOperationException($"There is no path for {GetType().Name}."),
        };
    }

    /// <summary>Percent-encodes a path and leaves its slashes.</summary>
    public static string Escape(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    private static Tree TreeOf(string id, string[] rest)
    {
        var (revision, folder) = SplitRevision(rest);
        return new Tree(id, revision, folder);
    }

    private static Resolve ResolveOf(string id, string[] rest)
    {
        var (revision, file) = SplitRevision(rest);
        return new Resolve(id, revision, file);
    }

    /// <summary>The Hub takes <c>refs/pr/1</c> also with its slashes unescaped; other revisions are one segment.</summary>
    private static (string Revision, string Path) SplitRevision(string[] segments) =>
        segments is ["refs", _, _, .. var rest] ? (Join(segments[..3]), Join(rest)) : (segments[0], Join(segments[1..]));

    private static string Join(string[] segments) => string.Join('/', segments);
}
