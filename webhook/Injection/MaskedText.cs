namespace Stevedore.Webhook.Injection;

/// <summary>
/// How a sentence repeats what a command line says: a credential in an address must not turn up in a warning, a denial or a log. The rules are
/// those by which the references themselves are shown.
/// </summary>
internal static class MaskedText
{
    /// <summary>The text without what may be a user name, a password, a token or a signature.</summary>
    public static string Of(string text)
    {
        var start = Start(text);
        var rest = text[start..];
        if (rest.AsSpan().IndexOfAny('?', '#') is >= 0 and var mark)
            rest = rest[..(mark + 1)] + "…";
        if (CredentialsEnd(text) is > 0 and var at)
            rest = "…" + rest[(at - start)..];
        return text[..start] + rest;
    }

    /// <summary>Whether the text is an address with a user, or with a query, where signatures are: neither may end up in a patch.</summary>
    public static bool HidesCredentials(string text) => CredentialsEnd(text) > 0 || (Start(text) > 0 && text.Contains('?', StringComparison.Ordinal));

    /// <summary>Where the <c>@</c> behind a user stands; -1 for none. In a Hub reference it stands before a revision.</summary>
    private static int CredentialsEnd(string text)
    {
        var start = Start(text);
        var rest = text.AsSpan(start);
        var end = rest.IndexOfAny('/', '?', '#');
        var authority = end < 0 ? rest : rest[..end];
        var at = authority.LastIndexOf('@');
        var isWeb = start > 0 && !text.AsSpan(0, start).Equals("hf://", StringComparison.OrdinalIgnoreCase);
        return at >= 0 && (isWeb || authority[..at].Contains(':')) ? start + at : -1;
    }

    private static int Start(string text) => text.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme ? scheme + 3 : 0;
}
