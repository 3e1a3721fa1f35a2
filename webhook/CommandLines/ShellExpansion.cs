namespace Stevedore.Webhook.CommandLines;

/// <summary>
/// What begins with a dollar or a backquote in a shell script. A substitution is stepped over and leaves a word with something missing.
/// </summary>
internal sealed class ShellExpansion(ShellVariables variables, ExpansionBudget budget)
{
    /// <summary>Reads one expansion.</summary>
    /// <param name="text">The script.</param>
    /// <param name="at">Where the dollar or backquote stands.</param>
    /// <param name="quoted">Whether it stands in double quotes, where values are not split into words.</param>
    /// <param name="word">The word that it stands in.</param>
    /// <param name="endWord">Ends that word.</param>
    /// <returns>Where reading goes on.</returns>
    public int Read(string text, int at, bool quoted, WordBuilder word, Action endWord)
    {
        if (text[at] == '`')
        {
            word.Miss("`…`", !quoted);
            var end = text.IndexOf('`', at + 1);
            return end < 0 ? text.Length : end + 1;
        }

        var next = at + 1 < text.Length ? text[at + 1] : ' ';
        switch (next)
        {
            case '(':
                word.Miss("$(…)", !quoted);
                return BehindParentheses(text, at + 1);
            case '{':
                var close = text.IndexOf('}', at + 2);
                close = close < 0 ? text.Length : close;
                Insert(Braced(text[(at + 2)..close]), quoted, word, endWord);
                return Math.Min(close + 1, text.Length);
            case '@' or '*':
                InsertArguments(word, endWord);
                return at + 2;
            case '?' or '!' or '$' or '#' or '-':
                word.Miss("$" + next);
                return at + 2;
            case '\'' or '"' when !quoted:
                // $'…' and $"…" of bash: without the dollar they are read as ordinary quotes.
                return at + 1;
        }

        var length = char.IsAsciiDigit(next) ? 1 : NameLength(text, at + 1);
        if (length == 0)
        {
            word.Append('$');
            return at + 1;
        }

        Insert(Named(text.Substring(at + 1, length)), quoted, word, endWord);
        return at + 1 + length;
    }

    private Word Named(string name) => variables[name] switch
    {
        { State: VariableState.Known } known => new Word(known.Value),
        _ => new Word("", "$" + name),
    };

    /// <summary>
    /// <c>${NAME}</c>, <c>${NAME:-default}</c>, <c>${NAME-default}</c> and the same with <c>=</c>; anything else is left to the shell.
    /// </summary>
    private Word Braced(string inner)
    {
        var length = NameLength(inner, 0);
        if (length == 0)
            length = inner.TakeWhile(char.IsAsciiDigit).Count();
        var (name, rest) = (inner[..length], inner[length..]);
        if (length == 0 || (rest.Length > 0 && !IsDefault(rest)))
            return new Word("", "${" + inner + "}");
        if (rest.Length == 0)
            return Named(name);
        var value = variables[name];
        var isSet = value.State == VariableState.Known && (rest[0] != ':' || value.Value.Length > 0);
        if (isSet)
            return new Word(value.Value);
        var fallback = rest[(rest[0] == ':' ? 2 : 1)..].Trim('"', '\'');
        return value.State == VariableState.Unknown || fallback.Contains('$', StringComparison.Ordinal)
            ? new Word("", "${" + name + "}")
            : new Word(fallback);
    }

    private static bool IsDefault(string rest) => rest[0] is '-' or '=' || (rest.Length > 1 && rest[0] == ':' && rest[1] is '-' or '=');

    /// <summary>False where variables have added too much already.</summary>
    private bool Insert(Word value, bool quoted, WordBuilder word, Action endWord)
    {
        var isTooMuch = !budget.TryTake(value.Text.Length);
        if (isTooMuch || !value.IsKnown)
        {
            word.Miss(value.Missing ?? "a very long value", !quoted);
            return !isTooMuch;
        }

        if (quoted)
        {
            word.AppendQuoted(value.Text);
            return true;
        }

        var parts = value.Text.Split([' ', '\t', '\n', '\r'], StringSplitOptions.None);
        for (var i = 0; i < parts.Length; i++)
        {
            if (i > 0)
                endWord();
            if (parts[i].Length > 0)
                word.AppendQuoted(parts[i]);
        }

        return true;
    }

    private void InsertArguments(WordBuilder word, Action endWord)
    {
        var first = true;
        foreach (var argument in variables.Arguments)
        {
            if (!first)
                endWord();
            first = false;
            if (!Insert(argument, quoted: true, word, endWord))
                return;
        }
    }

    /// <summary>Steps over <c>$(…)</c> and <c>$((…))</c>, quotes within them included.</summary>
    private static int BehindParentheses(string text, int open)
    {
        var depth = 0;
        for (var i = open; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] is '\'' or '"' && text.IndexOf(text[i], i + 1) is > 0 and var close)
                i = close;
            else if (text[i] == '(')
                depth++;
            else if (text[i] == ')' && --depth == 0)
                return i + 1;
        }

        return text.Length;
    }

    private static int NameLength(string text, int at)
    {
        var i = at;
        while (i < text.Length && (char.IsAsciiLetter(text[i]) || text[i] == '_' || (i > at && char.IsAsciiDigit(text[i]))))
            i++;
        return i - at;
    }
}
