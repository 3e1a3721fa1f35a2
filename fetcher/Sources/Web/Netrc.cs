using System.Text;
using Stevedore.Contract;

namespace Stevedore.Fetcher.Sources.Web;

/// <summary>A netrc file, which curl, git, wget and pip read too: <c>machine HOST login USER password SECRET</c>, and <c>default</c> for every other host.</summary>
internal sealed class Netrc
{
    private const string Variable = "NETRC";
    private const long Longest = 1 << 20;

    private readonly IReadOnlyList<NetrcEntry> _entries;

    private Netrc(IReadOnlyList<NetrcEntry> entries) => _entries = entries;

    /// <summary>The file that <c>NETRC</c> names, else <c>~/.netrc</c>; one that is not there has no entries, since an optional Secret mounts nothing.</summary>
    /// <param name="environment">Reads an environment variable.</param>
    /// <exception cref="FetchException">64: the file can't be read, or is none.</exception>
    public static Netrc Find(Func<string, string?> environment)
    {
        var named = environment(Variable) is { Length: > 0 } path ? path : null;
        if (named is null && environment("HOME") is not { Length: > 0 })
            return new Netrc([]);
        var file = new FileInfo(named ?? Path.Combine(environment("HOME")!, ".netrc"));
        try
        {
            if (!file.Exists)
                return new Netrc([]);
            return file.Length <= Longest
                ? Parse(File.ReadAllText(file.FullName))
                : throw Usage($"{file.FullName} is too long to be a netrc file; name another in {Variable}.");
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            throw Usage($"The netrc file {file.FullName} can't be read; let this user read it, or name another in {Variable}.");
        }
        catch (FormatException wrong)
        {
            throw Usage($"The netrc file {file.FullName} {wrong.Message}; write \"machine HOST login USER password SECRET\".");
        }
    }

    /// <summary>Reads the text of such a file.</summary>
    /// <exception cref="FormatException">It is none; the message says why, and nothing of what it holds.</exception>
    public static Netrc Parse(string text)
    {
        var entries = new List<NetrcEntry>();
        using var words = Words(text.ReplaceLineEndings("\n")).GetEnumerator();
        while (words.MoveNext())
        {
            switch (words.Current)
            {
                case "machine":
                    entries.Add(new NetrcEntry(After(words, "machine"), "", ""));
                    break;
                case "default":
                    entries.Add(new NetrcEntry(null, "", ""));
                    break;
                case "login" or "password" or "account" when entries.Count == 0:
                    throw new FormatException("begins with something else than a machine");
                case "login":
                    entries[^1] = entries[^1] with { Login = After(words, "login") };
                    break;
                case "password":
                    entries[^1] = entries[^1] with { Password = After(words, "password") };
                    break;
                case "account":
                    _ = After(words, "account");
                    break;
                default:
                    throw new FormatException("holds a word that does not belong there");
            }
        }

        return new Netrc(entries);
    }

    /// <summary>The first entry for a host, else the default one; null where there is neither.</summary>
    public NetrcEntry? For(string host) =>
        _entries.FirstOrDefault(entry => string.Equals(entry.Machine, host, StringComparison.OrdinalIgnoreCase)) ?? _entries.FirstOrDefault(entry => entry.Machine is null);

    private static string After(IEnumerator<string> words, string what) =>
        words.MoveNext() ? words.Current : throw new FormatException($"ends with \"{what}\"");

    /// <summary>Words between white space, or in quotes with backslashes before what is meant literally; comments and macros are passed over.</summary>
    private static IEnumerable<string> Words(string text)
    {
        for (var at = 0; ;)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
                at++;
            if (at == text.Length)
                yield break;
            if (text[at] == '#')
            {
                at = EndOfLine(text, at);
                continue;
            }

            var word = text[at] == '"' ? Quoted(text, ref at) : Plain(text, ref at);
            if (word == "macdef")
                at = EndOfMacro(text, at);
            else
                yield return word;
        }
    }

    private static string Plain(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && !char.IsWhiteSpace(text[at]))
            at++;
        return text[start..at];
    }

    private static string Quoted(string text, ref int at)
    {
        var word = new StringBuilder();
        for (at++; at < text.Length && text[at] != '"'; at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length)
                at++;
            word.Append(text[at]);
        }

        if (at == text.Length)
            throw new FormatException("has a quote that does not end");
        at++;
        return word.ToString();
    }

    // A macro lasts until an empty line.
    private static int EndOfMacro(string text, int at) => text.IndexOf("\n\n", at, StringComparison.Ordinal) is >= 0 and var end ? end : text.Length;

    private static int EndOfLine(string text, int at) => text.IndexOf('\n', at) is >= 0 and var end ? end : text.Length;

    private static FetchException Usage(string sentence) => new(ExitCode.Usage, sentence);
}

/// <summary>One entry of a netrc file.</summary>
/// <param name="Machine">The host; null for every other one.</param>
/// <param name="Login">May be empty.</param>
/// <param name="Password">May be empty.</param>
internal sealed record NetrcEntry(string? Machine, string Login, string Password)
{
    // A record's own text would show the password.
    public override string ToString() => Machine ?? "default";
}
