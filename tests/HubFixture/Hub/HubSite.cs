using Stevedore.HubFixture.Content;
using Stevedore.HubFixture.Wire;

namespace Stevedore.HubFixture.Hub;

/// <summary>The Hub's side of a request: who asks, for which repository, at which commit; then the API or the content.</summary>
internal sealed class HubSite(Registry registry, HubOptions options, SignedUrls urls)
{
    public Answer AnswerTo(HttpContext http, Exchange exchange)
    {
        var route = HubRoute.Parse(Responder.RawPath(http));
        exchange.File = route switch
        {
            HubRoute.Resolve resolve => resolve.File,
            HubRoute.Cached cached => cached.File,
            _ => null,
        };
        if (route is null)
            return HubErrors.NoRoute;
        if (registry.NewNameOf(route.Id) is { } newName)
            return ShortAnswer.Redirect(307, route.PathUnder(newName) + http.Request.QueryString);

        var token = TokenOf(http.Request);
        if (token?.StartsWith("hf_", StringComparison.Ordinal) == false)
            return HubErrors.BadToken;
        if (registry.Find(route.Id) is not { } repository || (repository.Private && !repository.Allows(token)))
            return HubErrors.NoRepository(anonymous: token is null);

        // Gating guards the content; everybody may list the files.
        var wantsContent = route is HubRoute.Resolve or HubRoute.Cached;
        if (repository.Gated && wantsContent && !repository.Allows(token))
            return HubErrors.Gated(repository.Id, anonymous: token is null);
        if (repository.Find(route.Revision) is not { } commit)
            return HubErrors.NoRevision(route.Revision);
        return route switch
        {
            HubRoute.Info => ModelApi.Info(repository, commit, withBlobs: http.Request.Query["blobs"] == "true"),
            HubRoute.Tree tree => ModelApi.Tree(commit, tree, http.Request, options.TreePageSize),
            HubRoute.Resolve resolve => Find(commit, resolve.File) is { } file
                ? Content(repository, commit, file, mayRedirect: true)
                : HubErrors.NoEntry(resolve.File),
            HubRoute.Cached cached => Find(commit, cached.File) is { } file
                ? Content(repository, commit, file, mayRedirect: false)
                : HubErrors.NoEntry(cached.File),
            _ => HubErrors.NoRoute,
        };
    }

    private Answer Content(Repository repository, Commit commit, RepositoryFile file, bool mayRedirect)
    {
        KeyValuePair<string, string>[] headers = [new("X-Repo-Commit", commit.Sha), new("Accept-Ranges", "bytes")];
        var etag = $"\"{file.Etag}\"";
        KeyValuePair<string, string>[] linked = [.. headers, new("X-Linked-Size", $"{file.Size}"), new("X-Linked-ETag", etag)];
        if (file.IsLfs)
            return ShortAnswer.Redirect(302, urls.Sign(repository, file), [.. linked, new("ETag", etag)]);
        if (options.RedirectPlainFiles && mayRedirect)
            return ShortAnswer.Redirect(307, new HubRoute.Cached(repository.Id, commit.Sha, file.Path).PathUnder(repository.Id), linked);
        return new ContentAnswer(file.Content, etag)
        {
            ContentType = TextContent.Is(file.Content) ? "text/plain; charset=utf-8" : "application/octet-stream",
            GzipWhereAccepted = TextContent.Is(file.Content),
            Headers = [.. headers, new("Vary", "Accept-Encoding")],
        };
    }

    private static RepositoryFile? Find(Commit commit, string path) => commit.Files.FirstOrDefault(file => file.Path == path);

    private static string? TokenOf(HttpRequest request)
    {
        const string Scheme = "Bearer ";
        var header = request.Headers.Authorization.FirstOrDefault();
        if (header is null)
            return null;
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : header;
    }
}
