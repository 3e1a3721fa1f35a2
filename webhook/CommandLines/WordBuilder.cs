using System.Text;

namespace Stevedore.Webhook.CommandLines;

/// <summary>A word of a shell script in the making.</summary>
internal sealed class WordBuilder
{
    // No option of vLLM needs more; what is longer can't be read.
    private const int Longest = 64 << 10;

    private readonly StringBuilder _text = new();
    private string? _missing;
    private bool _open;
    private bool _quoted;

    /// <summary>Whether nothing was written yet, not even empty quotes.</summary>
    public bool IsEmpty => _text.Length == 0 && _missing is null && !_quoted;

    /// <summary>Whether it is a file descriptor in front of a redirection.</summary>
    public bool IsNumber => !IsEmpty && !_quoted && _missing is null && Enumerable.Range(0, _text.Length).All(i => char.IsAsciiDigit(_text[i]));

    /// <summary>Adds a character that stands outside quotes.</summary>
    public void Append(char c)
    {
        if (_text.Length < Longest)
            _text.Append(c);
        else
            Miss("a very long word");
    }

    /// <summary>Adds text that stands in quotes, or is the value of a variable.</summary>
    public void AppendQuoted(ReadOnlySpan<char> text)
    {
        _quoted = true;
        if (_text.Length + text.Length <= Longest)
            _text.Append(text);
        else
            Miss("a very long word");
    }

    /// <inheritdoc cref="AppendQuoted(ReadOnlySpan{char})"/>
    public void AppendQuoted(char c) => AppendQuoted([c]);

    /// <summary>Even <c>""</c> is a word.</summary>
    public void BeginQuotes() => _quoted = true;

    /// <summary>Says that a part is known only to the running shell.</summary>
    /// <param name="what">What is missing, as a person would write it.</param>
    /// <param name="isOpen">See <see cref="Word.IsOpen"/>.</param>
    public void Miss(string what, bool isOpen = false)
    {
        _missing ??= what;
        _open |= isOpen;
    }

    /// <summary>Forgets what was written.</summary>
    public void Clear()
    {
        _text.Clear();
        _missing = null;
        _open = false;
        _quoted = false;
    }

    /// <summary>Ends the word; false where there is none.</summary>
    public bool TryTake(out Word word, out bool isQuoted)
    {
        isQuoted = _quoted;
        if (IsEmpty)
        {
            word = default;
            return false;
        }

        word = new Word(_text.ToString(), _missing, _open);
        Clear();
        return true;
    }
}
