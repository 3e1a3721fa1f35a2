namespace Stevedore.Contract.References;

/// <summary>
/// How a sentence repeats a text that may be wrong: whoever writes a credential where none belongs must not find it in a warning, an event or a log.
/// </summary>
internal static class ShownText
{
    /// <summary>The text without what may be a user name, a password, a token or a signature.</summary>
    /// <param name="scheme">In lower case; null where none was written.</param>
    /// <param name="text">The whole reference.</param>
    /// <param name="rest">What stands behind the scheme.</param>
    public static string Of(string? scheme, string text, string rest)
    {
        var shown = rest;
        if (shown.AsSpan().IndexOfAny('?', '#') is >= 0 and var mark)
            shown = shown[..(mark + 1)] + "…";
        // In a Hub reference the @ stands before a revision.
        if (CarriesPassword(rest) || scheme is not (null or "hf"))
        {
            var authority = Authority(shown);
            if (authority.LastIndexOf('@') is >= 0 and var at)
                shown = "…" + shown[at..];
        }

        return text[..^rest.Length] + shown;
    }

    /// <summary>Whether <c>user:password@</c> stands where a web address has it.</summary>
    public static bool CarriesPassword(string rest)
    {
        var authority = Authority(rest);
        return authority.LastIndexOf('@') is > 0 and var at && authority[..at].Contains(':');
    }

    private static ReadOnlySpan<char> Authority(string rest)
    {
        var end = rest.AsSpan().IndexOfAny('/', '?', '#');
        return end < 0 ? rest : rest.AsSpan(0, end);
    }
}
