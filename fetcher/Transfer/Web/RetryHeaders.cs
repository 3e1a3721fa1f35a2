using System.Globalization;
using System.Net;

namespace Stevedore.Fetcher.Transfer.Web;

/// <summary>Which answers are worth another try, and when.</summary>
internal static class RetryHeaders
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    /// <summary>Whether the source may well answer otherwise the next time. A server that says "not implemented" will not.</summary>
    public static bool IsTransient(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or (HttpStatusCode)425
        || ((int)status is >= 500 and <= 599 && status is not (HttpStatusCode.NotImplemented or HttpStatusCode.HttpVersionNotSupported));

    /// <summary>How long the source wants to be left alone: the longest of what its headers say, never negative; null where they say nothing.</summary>
    public static TimeSpan? Read(WebAnswer answer, DateTimeOffset now) => Read(answer.Header("Retry-After"), answer.Header("RateLimit"), now);

    /// <inheritdoc cref="Read(WebAnswer, DateTimeOffset)"/>
    /// <remarks>
    /// <c>Retry-After</c> is seconds or a date (RFC 9110, 10.2.3). The Hub sends <c>RateLimit: "resolvers";r=0;t=55</c>: nothing remains, and
    /// the window begins anew in 55 seconds (draft-ietf-httpapi-ratelimit-headers).
    /// </remarks>
    public static TimeSpan? Read(string? retryAfter, string? rateLimit, DateTimeOffset now)
    {
        var asked = FromRetryAfter(retryAfter, now);
        foreach (var limit in rateLimit?.Split(',') ?? [])
        {
            if (Parameter(limit, "r=") == TimeSpan.Zero && Parameter(limit, "t=") is { } window && (asked is null || window > asked))
                asked = window;
        }

        return asked;
    }

    private static TimeSpan? FromRetryAfter(string? text, DateTimeOffset now)
    {
        if (Seconds(text) is { } seconds)
            return seconds;
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date))
            return null;
        return date > now ? date - now : TimeSpan.Zero;
    }

    private static TimeSpan? Parameter(string limit, string name) => limit.Split(';', StringSplitOptions.TrimEntries)
        .Where(part => part.StartsWith(name, StringComparison.Ordinal))
        .Select(part => Seconds(part[name.Length..]))
        .FirstOrDefault();

    // Whatever the style, .NET takes "NaN" and "-Infinity" for numbers; seconds begin with a digit.
    private static TimeSpan? Seconds(string? text) =>
        text is [>= '0' and <= '9', ..] && double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            ? seconds < Longest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : Longest
            : null;
}
