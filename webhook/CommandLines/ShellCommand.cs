namespace Stevedore.Webhook.CommandLines;

/// <summary>What of a shell's grammar stands in front of a command.</summary>
internal static class ShellCommand
{
    private static readonly HashSet<string> Keywords =
        ["if", "then", "elif", "else", "fi", "while", "until", "do", "done", "!", "{", "}", "time", "esac"];

    private static readonly HashSet<string> Declarations = ["export", "readonly", "declare", "local", "typeset"];

    /// <summary>Whether the word begins or ends a compound command: the command behind it counts.</summary>
    public static bool IsKeyword(string word) => Keywords.Contains(word);

    /// <summary>Carries out <c>NAME=value</c> and <c>export NAME=value</c>; false for every other command.</summary>
    public static bool TryAssign(IReadOnlyList<Word> words, ShellVariables variables)
    {
        var first = Declarations.Contains(words[0].Text) ? 1 : 0;
        if (words[0].Text == "for" && words.Count > 1)
        {
            variables.Set(words[1].Text, new Word("", "$" + words[1].Text));
            return true;
        }

        if (first == 0 && !words.All(IsAssignment))
            return false;
        foreach (var word in words.Skip(first).Where(IsAssignment))
        {
            var equals = word.Text.IndexOf('=', StringComparison.Ordinal);
            variables.Set(word.Text[..equals], new Word(word.Text[(equals + 1)..], word.Missing, word.IsOpen));
        }

        return true;
    }

    private static bool IsAssignment(Word word)
    {
        var equals = word.Text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && !char.IsAsciiDigit(word.Text[0]) && word.Text.AsSpan(0, equals).IndexOfAnyExcept(NameCharacters) < 0;
    }

    private static readonly System.Buffers.SearchValues<char> NameCharacters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
}
