using System.Globalization;
using System.Text;

namespace Stevedore.Fetcher.Manifests;

/// <summary>
/// Names as a volume sees them that is blind to case and to normalisation (ext4's <c>casefold</c>, SMB, APFS), on the careful side. Two spellings that
/// differ in case are found exactly. Unicode's decompositions are not at hand in a program without ICU (<see cref="string.Normalize()"/> then gives back
/// what it got), so a name that spells out its accents is held against every name that could be its composed form.
/// </summary>
internal sealed class BlindNames
{
    private const char AnyAccented = '\uFFFF';

    private readonly Dictionary<string, string> _byFold = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Name, bool Decomposed)> _byShape = new(StringComparer.Ordinal);

    /// <summary>Takes a name in, and gives the other name that it can't be told apart from; null where there is none. The same name again is none.</summary>
    public string? Add(string name)
    {
        var fold = Fold(name);
        if (!_byFold.TryAdd(fold, name))
            return _byFold[fold] == name ? null : _byFold[fold];
        if (Ascii.IsValid(fold))
            return null;

        var shape = Shape(fold);
        var decomposed = fold.Any(IsCombining);
        if (_byShape.TryAdd(shape, (name, decomposed)))
            return null;
        var other = _byShape[shape];
        if (decomposed || other.Decomposed)
            return other.Name;
        return null;
    }

    /// <summary>Upper case, with the few letters that the invariant mapping leaves alone although case folding (ext4 uses Unicode's) does not.</summary>
    private static string Fold(string name)
    {
        var upper = name.ToUpperInvariant();
        return Ascii.IsValid(upper)
            ? upper
            : upper.Replace("ß", "SS", StringComparison.Ordinal).Replace("ẞ", "SS", StringComparison.Ordinal)
                .Replace('ſ', 'S').Replace('ı', 'I').Replace('İ', 'I').Replace('\u212A', 'K').Replace('\u212B', 'Å').Replace('ς', 'Σ');
    }

    /// <summary>The name with every letter that is accented, or could stand for an accented one, made alike.</summary>
    private static string Shape(string fold)
    {
        var shape = new StringBuilder(fold.Length);
        foreach (var c in fold)
        {
            if (!IsCombining(c))
                shape.Append(MayBeComposed(c) ? AnyAccented : c);
            else if (shape.Length > 0)
                shape[^1] = AnyAccented;
        }

        return shape.ToString();
    }

    /// <summary>Marks, and the vowels and finals of Hangul's conjoining letters.</summary>
    private static bool IsCombining(char c) =>
        c > 0x2FF && (c is >= '\u1160' and <= '\u11FF' || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark);

    /// <summary>Every letter outside ASCII but the ideographs, which have no decomposition to speak of.</summary>
    private static bool MayBeComposed(char c) => c > 0x7F && char.IsLetter(c) && c is not (>= '\u3400' and <= '\u9FFF');
}
