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
            else if (p < _pattern.Length && MatchesOne(ref p, path[s]))
            {
                s++;
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

    private bool MatchesOne(ref int p, char c)
    {
        switch (_pattern[p])
        {
            case '?':
                p++;
                return true;
            case '[' when ClassEnd(p) is > 0 and var end:
                var negated = _pattern[p + 1] == '!';
                var matched = InClass(p + (negated ? 2 : 1), end, c) != negated;
                if (matched)
                    p = end + 1;
                return matched;
            case var literal:
                if (literal != c)
                    return false;
                p++;
                return true;
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

    private bool InClass(int from, int end, char c)
    {
        for (var i = from; i < end; i++)
        {
            if (i + 2 < end && _pattern[i + 1] == '-')
            {
                if (_pattern[i] <= c && c <= _pattern[i + 2])
                    return true;
                i += 2;
            }
            else if (_pattern[i] == c)
            {
                return true;
            }
        }

        return false;
    }
}
