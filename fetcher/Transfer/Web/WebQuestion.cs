using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using Stevedore.Fetcher.Transfer.Web.Wire;

namespace Stevedore.Fetcher.Transfer.Web;

/// <summary>What to ask a web server for.</summary>
/// <param name="Address">Absolute; may be signed, so never print it but through <see cref="WebAddress"/>.</param>
internal sealed record WebQuestion(Uri Address)
{
    private static readonly string UserAgent = new ProductInfoHeaderValue(
        "stevedore-fetcher",
        typeof(WebQuestion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0").ToString();

    /// <summary>GET or HEAD.</summary>
    public HttpMethod Method { get; init; } = HttpMethod.Get;

    /// <summary>The value of <c>Authorization</c>; goes to the address's own scheme, host and port only.</summary>
    public string? Authorization { get; init; }

    /// <summary>The bytes wanted; null for all without asking for a range.</summary>
    public ByteSpan? Range { get; init; }

    /// <summary>A strong ETag that the content must still have.</summary>
    public string? IfMatch { get; init; }

    /// <summary>Further headers, such as a store's own; nothing secret.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Signs each request anew; like <see cref="Authorization"/>, for the address's own scheme, host and port only.</summary>
    public IRequestSigner? Signer { get; init; }

    /// <summary>Whether redirects are answers like others: what is signed for one host is of no use to another.</summary>
    public bool TakesRedirectsAsAnswers { get; init; }

    /// <summary>What the same thread will ask next, in this order; enumerated only where it is asked ahead.</summary>
    public IEnumerable<WebQuestion>? Next { get; init; }

    /// <summary>The value of <c>Range</c>; null for all without asking for a range.</summary>
    public string? RangeHeader => Range is { } range ? $"bytes={range.From}-{range.To - 1}" : null;

    /// <summary>A request that can be sent once.</summary>
    public HttpRequestMessage ToMessage()
    {
        var message = new HttpRequestMessage(Method, Address) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        message.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        if (Next is not null)
            message.Options.Set(WireHandler.Next, Next);
        // Compressed answers have other lengths, and their ranges are ranges of the compressed bytes.
        message.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
        if (Authorization is not null)
            message.Headers.TryAddWithoutValidation("Authorization", Authorization);
        if (RangeHeader is { } range)
            message.Headers.TryAddWithoutValidation("Range", range);
        if (IfMatch is not null)
            message.Headers.TryAddWithoutValidation("If-Match", IfMatch);
        foreach (var (name, value) in Signer is null ? Headers : Headers.Concat(Signer.Sign(this)))
            message.Headers.TryAddWithoutValidation(name, value);
        return message;
    }
}

/// <summary>A stretch of a file.</summary>
/// <param name="From">Its first byte.</param>
/// <param name="To">One past its last byte.</param>
internal readonly record struct ByteSpan(long From, long To)
{
    /// <summary>Bytes in it.</summary>
    public long Length => To - From;
}
