namespace Stevedore.Contract.References;

/// <summary>
/// How a sentence repeats a text that may be wrong: whoever writes a credential where none belongs must not find it in a warning, an event or a log.
/// </summary>
public static class ShownText
{
    /// <summary>Any text that somebody may have written for a model, without what may be a user name, a password, a token or a signature.</summary>
    public static string Of(string text)
    {
        var (scheme, rest) = Split(text);
        return Of(scheme, text, rest);
    }

    /// <summary>Whether the text is an address with a user, or with a query, where signatures are.</summary>
    public static bool Hides(string text)
    {
        var (scheme, rest) = Split(text);
        return HasUser(scheme, rest) || (scheme is not null && rest.Contains('?', StringComparison.Ordinal));
    }

    /// <summary>The text without what may be a user name, a password, a token or a signature.</summary>
    /// <param name="scheme">In lower case; null where none was written.</param>
    /// <param name="text">The whole reference.</param>
    /// <param name="rest">What stands behind the scheme.</param>
    public static string Of(string? scheme, string text, string rest)
    {
        var shown = rest;
        if (shown.AsSpan().IndexOfAny('?', '#') is >= 0 and var mark)
            shown = shown[..(mark + 1)] + "…";
        if (HasUser(scheme, rest))
            shown = "…" + shown[Authority(shown).LastIndexOf('@')..];
        return text[..^rest.Length] + shown;
    }

    /// <summary>Whether <c>user:password@</c> stands where a web address has it.</summary>
    public static bool CarriesPassword(string rest)
    {
        var authority = Authority(rest);
        return authority.LastIndexOf('@') is > 0 and var at && authority[..at].Contains(':');
    }

    // In a Hub reference the @ stands before a revision.
    private static bool HasUser(string? scheme, string rest) =>
        CarriesPassword(rest) || (scheme is not (null or "hf") && Authority(rest).LastIndexOf('@') >= 0);

    private static (string? Scheme, string Remainder) Split(string text) =>
        text.IndexOf("://", StringComparison.Ordinal) is >= 0 and var colon ? (text[..colon].ToLowerInvariant(), text[(colon + 3)..]) : (null, text);

    private static ReadOnlySpan<char> Authority(string rest)
    {
        var end = rest.AsSpan().IndexOfAny('/', '?', '#');
        return end < 0 ? rest : rest.AsSpan(0, end);
    }
}
