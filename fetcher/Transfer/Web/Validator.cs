using System.Globalization;

namespace Stevedore.Fetcher.Transfer.Web;

/// <summary>What tells one content from another of the same size: an ETag as it was sent, or a <c>Last-Modified</c> date.</summary>
/// <param name="Text">Quoted, perhaps with <c>W/</c> before it, for an ETag; anything else is a date.</param>
internal sealed record Validator(string Text)
{
    private const string Weak = "W/";

    /// <summary>Whether <c>If-Match</c> may carry it: RFC 9110, 13.1.1, compares strongly, so that a weak one would never match.</summary>
    public bool IsStrong => Text.StartsWith('"');

    private bool IsTag => IsStrong || Text.StartsWith(Weak, StringComparison.Ordinal);

    /// <summary>What an answer carries: the ETag, else the date; null where it has neither.</summary>
    /// <remarks>Never <c>X-Linked-Etag</c>: that is the Hub's name for the content, and the host that sends the bytes knows nothing of it.</remarks>
    public static Validator? Of(WebAnswer answer) => (answer.Header("ETag") ?? answer.Header("Last-Modified")) is { } text ? new Validator(text) : null;

    /// <summary>Whether the answer says that its content is another one. What it does not say is no contradiction.</summary>
    public bool Contradicts(WebAnswer answer) => IsTag
        ? answer.Header("ETag") is { } tag && WithoutWeakness(tag) != WithoutWeakness(Text)
        : answer.Header("Last-Modified") is { } date && !IsSameDate(date);

    private static string WithoutWeakness(string text) => text.StartsWith(Weak, StringComparison.Ordinal) ? text[Weak.Length..] : text;

    private bool IsSameDate(string date) =>
        Instant(date) is { } one && Instant(Text) is { } other ? one == other : date == Text;

    private static DateTimeOffset? Instant(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) ? instant : null;
}
