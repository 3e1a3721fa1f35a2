using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Stevedore.Webhook.Yaml;

/// <summary>How a text is written so that every YAML reader, old or new, reads the same text back.</summary>
internal static partial class YamlText
{
    private const string Indicators = " ?:,[]{}#&*!|>'\"%@`=~<";

    /// <summary>Plain where nothing can be mistaken, else in quotes.</summary>
    public static string OnOneLine(string text)
    {
        if (!text.All(IsPrintable))
            return Escaped(text);
        if (IsPlain(text))
            return text;
        return text.AsSpan().ContainsAny('"', '\\') ? $"'{text.Replace("'", "''", StringComparison.Ordinal)}'" : $"\"{text}\"";
    }

    /// <summary>
    /// The header of a literal block (<c>|</c>, <c>|-</c>, <c>|+</c>) where one holds the text exactly; null where it does not. A block whose
    /// first line is indented or empty needs an indicator, and spaces at the end of a line don't survive editors: those are quoted.
    /// </summary>
    public static string? AsBlock(string text)
    {
        if (!text.Contains('\n', StringComparison.Ordinal) || text[0] is ' ' or '\t' or '\n')
            return null;
        if (!text.All(c => c is '\n' or '\t' || IsPrintable(c)) || TrailingSpace().IsMatch(text))
            return null;
        if (!text.EndsWith('\n'))
            return "|-";
        return text.EndsWith("\n\n", StringComparison.Ordinal) ? "|+" : "|";
    }

    private static bool IsPlain(string text)
    {
        if (!YamlScalar.IsText(text) || LookalikeElsewhere().IsMatch(text))
            return false;
        if (text.StartsWith("---", StringComparison.Ordinal) || text.StartsWith("...", StringComparison.Ordinal))
            return false;
        var starts = text[0] == '-' ? text.Length > 1 && text[1] != ' ' : !Indicators.Contains(text[0], StringComparison.Ordinal);
        return starts
            && text[^1] is not (' ' or ':')
            && !text.Contains(": ", StringComparison.Ordinal)
            && !text.Contains(" #", StringComparison.Ordinal)
            // Legal, but YamlDotNet 18 takes the text of "- a\n- b *c: 1\n  d: 2" for a broken mapping.
            && !text.Contains(" *", StringComparison.Ordinal);
    }

    /// <summary>What YAML calls printable, less line breaks and the byte order mark; surrogates are halves of printable characters.</summary>
    private static bool IsPrintable(char c) => c is (>= ' ' and <= '~') or (>= '\u00a0' and <= '\ufffd') and not ('\u2028' or '\u2029' or '\ufeff');

    private static string Escaped(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\t' => quoted.Append("\\t"),
                '\r' => quoted.Append("\\r"),
                _ when IsPrintable(c) => quoted.Append(c),
                _ => quoted.Append("\\u").Append(((int)c).ToString("X4", CultureInfo.InvariantCulture)),
            };
        }

        return quoted.Append('"').ToString();
    }

    [GeneratedRegex("[ \t](\n|$)")]
    private static partial Regex TrailingSpace();

    /// <summary>Dates and numbers to the base of sixty: texts for kubectl, something else for readers of YAML 1.1.</summary>
    [GeneratedRegex(@"^([0-9]{4}-[0-9]|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+)")]
    private static partial Regex LookalikeElsewhere();
}
