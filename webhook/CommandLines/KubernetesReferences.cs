using System.Text;

namespace Stevedore.Webhook.CommandLines;

/// <summary>
/// <c>$(VAR)</c> in a command, an argument or a value, as the kubelet replaces it: <c>$$</c> is a dollar, a reference to an unset variable
/// stays as it is (k8s.io/kubernetes/third_party/forked/golang/expansion).
/// </summary>
internal static class KubernetesReferences
{
    /// <summary>Replaces what is known.</summary>
    /// <param name="text">The text as it was written.</param>
    /// <param name="variables">What the container's environment says.</param>
    /// <param name="longest">Where to give up: a few variables that name each other twice would grow without bound.</param>
    public static Word Expand(string text, IVariables variables, int longest)
    {
        var dollar = text.IndexOf('$', StringComparison.Ordinal);
        if (dollar < 0)
            return new Word(text);
        var expanded = new StringBuilder(text, 0, dollar, text.Length + 16);
        string? missing = null;
        var lastClosing = text.LastIndexOf(')');
        for (var i = dollar; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                expanded.Append(text[i]);
            }
            else if (text[i + 1] == '$')
            {
                expanded.Append('$');
                i++;
            }
            else if (text[i + 1] == '(' && i < lastClosing)
            {
                var end = text.IndexOf(')', i + 2);
                var name = text[(i + 2)..end];
                var value = variables[name];
                if (value.State == VariableState.Unknown)
                    missing ??= name;
                else
                    expanded.Append(value.State == VariableState.Known ? value.Value : text[i..(end + 1)]);
                i = end;
            }
            else
            {
                expanded.Append('$');
            }

            if (expanded.Length > longest)
                return new Word("", "a very long value");
        }

        return new Word(expanded.ToString(), missing);
    }

    /// <summary>The names that a text refers to.</summary>
    public static IEnumerable<string> NamesIn(string text)
    {
        var lastClosing = text.LastIndexOf(')');
        for (var i = text.IndexOf('$', StringComparison.Ordinal); i >= 0 && i + 1 < text.Length; i = text.IndexOf('$', i))
        {
            if (text[i + 1] == '(' && i < lastClosing)
            {
                var end = text.IndexOf(')', i + 2);
                yield return text[(i + 2)..end];
                i = end + 1;
            }
            else
            {
                i += text[i + 1] == '$' ? 2 : 1;
            }

            if (i >= text.Length)
                yield break;
        }
    }

    /// <summary>A text that the kubelet leaves as it is.</summary>
    public static string Escape(string text) => text.Replace("$", "$$", StringComparison.Ordinal);
}
