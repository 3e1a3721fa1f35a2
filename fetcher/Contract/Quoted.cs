using System.Globalization;
using System.Text;

namespace Stevedore.Contract;

/// <summary>Somebody else's text inside a sentence of ours: in quotes, on one line, of bearable length.</summary>
public static class Quoted
{
    private const int Longest = 160;

    /// <summary>
    /// The text in quotes. Control characters, line separators, characters that reorder what stands around them and halves of surrogate pairs are
    /// written as <c>\u</c> escapes; what is too long loses its middle.
    /// </summary>
    public static string Text(string text)
    {
        if (text.Length > Longest)
            text = $"{text[..(Longest / 2)]}…{text[^(Longest / 2 - 1)..]}";
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        for (var at = 0; at < text.Length;)
        {
            var whole = Rune.TryGetRuneAt(text, at, out var rune);
            if (whole && IsPlain(rune))
                quoted.Append(rune);
            else
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(whole ? rune.Value : text[at]):x4}");
            at += whole ? rune.Utf16SequenceLength : 1;
        }

        return quoted.Append('"').ToString();
    }

    private static bool IsPlain(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse);
}
