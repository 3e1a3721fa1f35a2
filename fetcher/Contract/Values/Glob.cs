namespace Stevedore.Contract.Values;

/// <summary>
/// A file pattern with the meaning that huggingface_hub gives to <c>allow_patterns</c>: Python's <c>fnmatch</c> over the whole relative path, case
/// matters, <c>*</c> also crosses <c>/</c>, and a pattern that ends with <c>/</c> means everything below that folder.
/// </summary>
public sealed record Glob
{
    private readonly string _pattern;

    /// <summary>Takes the pattern as it was written; every text is a valid pattern.</summary>
    public Glob(string text)
    {
        Text = text;
        _pattern = text.EndsWith('/') ? text + "*" : text;
    }

    /// <summary>The pattern as it was written.</summary>
    public string Text { get; }

    /// <summary>Whether the pattern covers this relative path with <c>/</c> between folders.</summary>
    public bool Matches(string path)
    {
        // Greedy with one point of return: linear in practice and never exponential, whatever the pattern.
        int p = 0, s = 0, star = -1, restart = 0;
        while (s < path.Length)
        {
            if (p < _pattern.Length && _pattern[p] == '*')
            {
                star = p++;
                restart = s;
            }
            else if (p < _pattern.Length && MatchesOne(ref p, path, s) is > 0 and var taken)
            {
                s += taken;
            }
            else if (star >= 0)
            {
                p = star + 1;
                s = ++restart;
            }
            else
            {
                return false;
            }
        }

        while (p < _pattern.Length && _pattern[p] == '*')
            p++;
        return p == _pattern.Length;
    }

    /// <inheritdoc/>
    public bool Equals(Glob? other) => other is not null && Text == other.Text;

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;

    /// <summary>How many <see cref="char"/>s of the path the next element of the pattern covers: a code point, as for Python; 0 where it covers none.</summary>
    private int MatchesOne(ref int p, string path, int s)
    {
        var c = CodePoint(path, s);
        switch (_pattern[p])
        {
            case '?':
                p++;
                return Width(c);
            case '[' when ClassEnd(p) is > 0 and var end:
                var negated = _pattern[p + 1] == '!';
                if (InClass(p + (negated ? 2 : 1), end, c) == negated)
                    return 0;
                p = end + 1;
                return Width(c);
            case var literal:
                if (literal != path[s])
                    return 0;
                p++;
                return 1;
        }
    }

    /// <summary>The index of the <c>]</c> that ends the class; −1 where there is none, and the <c>[</c> is then a plain character.</summary>
    private int ClassEnd(int start)
    {
        var from = start + 1;
        if (from < _pattern.Length && _pattern[from] == '!')
            from++;
        if (from < _pattern.Length && _pattern[from] == ']')
            from++;
        return from < _pattern.Length ? _pattern.IndexOf(']', from) : -1;
    }

    private bool InClass(int from, int end, int c)
    {
        for (var i = from; i < end;)
        {
            var first = CodePoint(_pattern, i);
            i += Width(first);
            var last = first;
            if (i + 1 < end && _pattern[i] == '-')
            {
                last = CodePoint(_pattern, i + 1);
                i += 1 + Width(last);
            }

            if (first <= c && c <= last)
                return true;
        }

        return false;
    }

    private static int CodePoint(string text, int at) =>
        at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? char.ConvertToUtf32(text[at], text[at + 1]) : text[at];

    private static int Width(int codePoint) => codePoint > char.MaxValue ? 2 : 1;
}
