namespace Stevedore.Webhook.CommandLines;

/// <summary>
/// Reads a POSIX shell script far enough to find the commands in it and their words: quotes, line continuations, comments, redirections,
/// here-documents, lists and pipes, assignments, and variables as far as the pod shows them. It runs nothing: both branches of an <c>if</c>
/// are read, and what only the running shell knows is a word with something missing.
/// </summary>
internal sealed class ShellScript
{
    private readonly string _text;
    private readonly ShellVariables _variables;
    private readonly ShellExpansion _expansion;
    private readonly List<IReadOnlyList<Word>> _commands = [];
    private readonly Queue<string> _hereDocuments = new();
    private readonly WordBuilder _word = new();
    private List<Word> _words = [];
    private Redirection _redirection;
    private int _at;

    private ShellScript(string text, ShellVariables variables, ExpansionBudget budget)
    {
        _text = text;
        _variables = variables;
        _expansion = new ShellExpansion(variables, budget);
    }

    private enum Redirection
    {
        None,
        File,
        HereDocument,
    }

    /// <summary>The commands in the order in which they are written.</summary>
    public static IReadOnlyList<IReadOnlyList<Word>> Read(string text, ShellVariables variables, ExpansionBudget budget)
    {
        var script = new ShellScript(text, variables, budget);
        script.ReadAll();
        return script._commands;
    }

    private void ReadAll()
    {
        while (_at < _text.Length)
            ReadOne();
        EndCommand();
    }

    private void ReadOne()
    {
        var c = _text[_at];
        switch (c)
        {
            case ' ' or '\t' or '\r':
                EndWord();
                _at++;
                break;
            case '\n':
                EndCommand();
                _at++;
                SkipHereDocuments();
                break;
            case '#' when _word.IsEmpty:
                while (_at < _text.Length && _text[_at] != '\n')
                    _at++;
                break;
            case '&' when Next == '>':
                EndWord();
                _at++;
                ReadRedirection();
                break;
            case ';' or '&' or '|' or '(' or ')':
                EndCommand();
                _at++;
                break;
            case '<' or '>':
                if (_word.IsNumber)
                    _word.Clear();
                EndWord();
                ReadRedirection();
                break;
            case '\\':
                if (Next is { } escaped && escaped != '\n')
                    _word.AppendQuoted(escaped);
                _at += 2;
                break;
            case '\'':
                var end = _text.IndexOf('\'', _at + 1);
                end = end < 0 ? _text.Length : end;
                _word.AppendQuoted(_text.AsSpan((_at + 1)..end));
                _at = end + 1;
                break;
            case '"':
                _at++;
                ReadDoubleQuoted();
                break;
            case '$' or '`':
                _at = _expansion.Read(_text, _at, quoted: false, _word, EndWord);
                break;
            default:
                _word.Append(c);
                _at++;
                break;
        }
    }

    private char? Next => _at + 1 < _text.Length ? _text[_at + 1] : null;

    private void ReadDoubleQuoted()
    {
        _word.BeginQuotes();
        while (_at < _text.Length && _text[_at] != '"')
        {
            if (_text[_at] == '\\' && Next is '"' or '\\' or '$' or '`' or '\n')
            {
                if (Next != '\n')
                    _word.AppendQuoted(Next.Value);
                _at += 2;
            }
            else if (_text[_at] is '$' or '`')
            {
                _at = _expansion.Read(_text, _at, quoted: true, _word, EndWord);
            }
            else
            {
                _word.AppendQuoted(_text[_at++]);
            }
        }

        _at++;
    }

    private void ReadRedirection()
    {
        var start = _at;
        while (_at < _text.Length && _text[_at] is '<' or '>' or '&' or '|')
            _at++;
        var isHereDocument = _text.AsSpan(start.._at) is "<<";
        if (isHereDocument && _at < _text.Length && _text[_at] == '-')
            _at++;
        _redirection = isHereDocument ? Redirection.HereDocument : Redirection.File;
    }

    private void EndWord()
    {
        if (!_word.TryTake(out var word, out var isQuoted))
            return;
        if (_redirection == Redirection.HereDocument)
            _hereDocuments.Enqueue(word.Text);
        else if (_redirection == Redirection.None && !(_words.Count == 0 && !isQuoted && ShellCommand.IsKeyword(word.Text)))
            _words.Add(word);
        _redirection = Redirection.None;
    }

    private void EndCommand()
    {
        EndWord();
        _redirection = Redirection.None;
        if (_words.Count == 0)
            return;
        if (!ShellCommand.TryAssign(_words, _variables))
            _commands.Add(_words);
        _words = [];
    }

    private void SkipHereDocuments()
    {
        while (_hereDocuments.TryDequeue(out var delimiter))
        {
            while (_at < _text.Length)
            {
                var end = _text.IndexOf('\n', _at);
                end = end < 0 ? _text.Length : end;
                var line = _text.AsSpan(_at..end).Trim('\t').TrimEnd('\r');
                _at = Math.Min(end + 1, _text.Length);
                if (line.SequenceEqual(delimiter))
                    break;
            }
        }
    }
}
