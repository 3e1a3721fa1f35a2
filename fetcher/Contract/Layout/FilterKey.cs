using System.Security.Cryptography;
using System.Text;
using Stevedore.Contract.Values;

namespace Stevedore.Contract.Layout;

/// <summary>Names what a filter selects: filters that mean the same have the same key, whatever the order and repetition of their patterns.</summary>
public static class FilterKey
{
    /// <summary>The key of a run without <c>--include</c> and <c>--exclude</c>.</summary>
    public const string Default = "default";

    /// <summary><see cref="Default"/>, or 16 hexadecimal characters.</summary>
    public static string Of(IReadOnlyList<Glob> include, IReadOnlyList<Glob> exclude) => include.Count == 0 && exclude.Count == 0
        ? Default
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(CanonicalText(include, exclude))))[..16];

    /// <summary>A line a pattern, sorted; lengths go first, since a pattern may contain line breaks.</summary>
    private static string CanonicalText(IReadOnlyList<Glob> include, IReadOnlyList<Glob> exclude)
    {
        var text = new StringBuilder();
        foreach (var (kind, globs) in new[] { ("include", include), ("exclude", exclude) })
        {
            foreach (var pattern in globs.Select(Canonical).Distinct().Order(StringComparer.Ordinal))
                text.Append(kind).Append(' ').Append(pattern.Length).Append(' ').Append(pattern).Append('\n');
        }

        return text.ToString();
    }

    // "folder/" means "folder/*", and stars in a row mean one.
    private static string Canonical(Glob glob)
    {
        var pattern = glob.Text.EndsWith('/') ? glob.Text + "*" : glob.Text;
        while (!pattern.Contains('[', StringComparison.Ordinal) && pattern.Contains("**", StringComparison.Ordinal))
            pattern = pattern.Replace("**", "*", StringComparison.Ordinal);
        return pattern;
    }
}
