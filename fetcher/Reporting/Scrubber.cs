using System.Text.RegularExpressions;

namespace Stevedore.Fetcher.Reporting;

/// <summary>The last gate before output: whatever a message was made from, signatures, userinfo and tokens do not pass.</summary>
internal sealed partial class Scrubber
{
    private const int ShortestSecret = 6;
    private static readonly string[] SecretVariables =
        ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID", "STEVEDORE_HTTP_TOKEN", "STEVEDORE_HTTP_PASSWORD"];

    private readonly string[] _secrets;

    /// <param name="environment">Reads an environment variable: the values of those that hold secrets never pass.</param>
    public Scrubber(Func<string, string?> environment) =>
        _secrets = [.. SecretVariables.Select(environment).OfType<string>().Select(secret => secret.Trim()).Where(secret => secret.Length >= ShortestSecret)
            .OrderByDescending(secret => secret.Length)];

    /// <summary>The text without what nobody may see, on one line.</summary>
    public string Clean(string text)
    {
        var clean = Token().Replace(Query().Replace(UserInfo().Replace(text, "$1…@"), "$1?…"), "…");
        foreach (var secret in _secrets)
            clean = clean.Replace(secret, "…", StringComparison.Ordinal);
        return Unprintable().Replace(clean, " ").Trim();
    }

    // Up to the last @ before the path, since passwords may contain one. What stands before the @ of hf:// is a model's name, unless a password goes with it.
    [GeneratedRegex(@"(\b(?!hf://[^\s/:?#""']*@)[a-z][a-z0-9+.\-]*://)[^\s/?#""']+@", RegexOptions.IgnoreCase)]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"(\bhttps?://[^\s?#""']+)\?[^\s""'>)]*", RegexOptions.IgnoreCase)]
    private static partial Regex Query();

    // The Hub's own tokens are known by their beginning, from wherever they came.
    [GeneratedRegex(@"\bhf_[A-Za-z0-9]{16,}")]
    private static partial Regex Token();

    // Line breaks, and what a terminal would obey.
    [GeneratedRegex(@"[\p{Cc}\u2028\u2029]+")]
    private static partial Regex Unprintable();
}
