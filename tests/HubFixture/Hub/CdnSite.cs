using Stevedore.HubFixture.Content;
using Stevedore.HubFixture.Wire;

namespace Stevedore.HubFixture.Hub;

/// <summary>The host behind the signed addresses: it knows contents, not users, and has validators of its own.</summary>
internal sealed class CdnSite(Registry registry, SignedUrls urls)
{
    private int _leaked;

    /// <summary>How many requests carried a token that this host must never see.</summary>
    public int TokensLeaked => Volatile.Read(ref _leaked);

    public Answer AnswerTo(HttpContext http, Exchange exchange)
    {
        if (exchange.HasAuthorization)
        {
            Interlocked.Increment(ref _leaked);
            return Error(400, "InvalidArgument", "Only one auth mechanism allowed: a signed address takes no Authorization header.");
        }

        if (urls.Read(http.Request, exchange.Path) is not { } grant
            || registry.Find(grant.RepositoryId)?.FindLfs(grant.Sha256) is not { } file)
            return Error(403, "AccessDenied", "Access Denied");
        exchange.File = grant.File;

        // The ETag differs from X-Linked-ETag, as on the real CDN: a validator is worth something only to the host that gave it.
        return new ContentAnswer(file.Content, $"\"{Digests.Sha1(file.Sha256!)[..32]}\"")
        {
            Guard = () => urls.IsGood(grant) ? null : Error(403, "AccessDenied", "Request has expired"),
            Headers = [new("Cache-Control", "public, max-age=31536000"), new("Content-Disposition", "inline")],
        };
    }

    private static ShortAnswer Error(int status, string code, string message)
    {
        var xml = $"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>";
        return ShortAnswer.Text(status, xml) with { ContentType = "application/xml" };
    }
}
