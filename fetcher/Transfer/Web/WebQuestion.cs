using System.Net;
using System.Net.Http.Headers;
using System.Reflection;

namespace Stevedore.Fetcher.Transfer.Web;

/// <summary>What to ask a web server for.</summary>
/// <param name="Address">Absolute; may be signed, so never print it but through <see cref="WebAddress"/>.</param>
internal sealed record WebQuestion(Uri Address)
{
    private static readonly ProductInfoHeaderValue UserAgent = new(
        "stevedore-fetcher",
        typeof(WebQuestion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0");

    /// <summary>GET or HEAD.</summary>
    public HttpMethod Method { get; init; } = HttpMethod.Get;

    /// <summary>The value of <c>Authorization</c>; goes to the address's own scheme, host and port only.</summary>
    public string? Authorization { get; init; }

    /// <summary>The bytes wanted; null for all without asking for a range.</summary>
    public ByteSpan? Range { get; init; }

    /// <summary>A strong ETag that the content must still have.</summary>
    public string? IfMatch { get; init; }

    /// <summary>A request that can be sent once.</summary>
    public HttpRequestMessage ToMessage()
    {
        var message = new HttpRequestMessage(Method, Address) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        message.Headers.UserAgent.Add(UserAgent);
        // Compressed answers have other lengths, and their ranges are ranges of the compressed bytes.
        message.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
        if (Authorization is not null)
            message.Headers.TryAddWithoutValidation("Authorization", Authorization);
        if (Range is { } range)
            message.Headers.Range = new RangeHeaderValue(range.From, range.To - 1);
        if (IfMatch is not null)
            message.Headers.TryAddWithoutValidation("If-Match", IfMatch);
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
