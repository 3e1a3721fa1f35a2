namespace Stevedore.Webhook.Injection;

/// <summary>Keeping sentences that quote users readable: on one line, and no longer than they may be.</summary>
internal static class Sentence
{
    /// <summary>Without control characters, since warnings travel in an HTTP header, and shortened where it is too long.</summary>
    /// <param name="text">The sentence.</param>
    /// <param name="longest">In UTF-16 characters.</param>
    public static string Tidy(string text, int longest) => Shorten(OnOneLine(text), longest);

    /// <summary>The beginning, with an ellipsis where something is missing.</summary>
    public static string Shorten(string text, int longest)
    {
        if (text.Length <= longest)
            return text;
        var end = longest - 1;
        // Half a surrogate pair is no text.
        if (char.IsHighSurrogate(text[end - 1]))
            end--;
        return text[..end] + "…";
    }

    private static string OnOneLine(string text) => !text.Any(char.IsControl) ? text : string.Create(text.Length, text, (span, source) =>
    {
        for (var i = 0; i < span.Length; i++)
            span[i] = char.IsControl(source[i]) ? ' ' : source[i];
    });
}
