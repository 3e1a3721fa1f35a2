using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.CommandLines;

/// <summary>The commands that a container runs, with shells looked through: <c>sh -c "vllm serve X"</c> runs <c>vllm</c>.</summary>
internal static class ContainerCommands
{
    private const int LongestWord = 64 << 10;
    private const int DeepestShell = 8;

    private static readonly HashSet<string> Shells = ["sh", "bash", "ash", "dash", "zsh", "ksh"];

    /// <summary>Commands that run nothing, whatever their words say.</summary>
    private static readonly HashSet<string> Speakers = ["echo", "printf", "test", "[", ":"];

    /// <summary>All commands, in the order in which they are written.</summary>
    /// <param name="container">The container.</param>
    /// <param name="environment">What <c>$(VAR)</c> and <c>$VAR</c> mean in it.</param>
    /// <param name="entrypoint">What the image runs in front of the arguments, where the pod sets no command; empty when that is not
    /// known.</param>
    public static IReadOnlyList<IReadOnlyList<Word>> Of(Container container, ContainerEnvironment environment, IReadOnlyList<string> entrypoint)
    {
        var words = new List<Word>();
        if (container.Command.Count == 0)
            words.AddRange(entrypoint.Select(word => new Word(word)));
        var budget = new ExpansionBudget();
        foreach (var text in container.Command.Concat(container.Args))
        {
            var word = KubernetesReferences.Expand(text, environment, Math.Max(LongestWord, text.Length));
            words.Add(budget.TryTake(Math.Max(word.Text.Length - text.Length, 0)) ? word : new Word("", "a very long value"));
        }

        var commands = new List<IReadOnlyList<Word>>();
        LookThrough(words, environment, budget, commands, depth: 0);
        return commands;
    }

    private static void LookThrough(
        IReadOnlyList<Word> words, IVariables variables, ExpansionBudget budget, List<IReadOnlyList<Word>> commands, int depth)
    {
        if (words is [var first, ..] && Speakers.Contains(first.BaseName))
            return;
        if (depth == DeepestShell || !TryFindScript(words, out var script, out var positional))
        {
            commands.Add(words);
            return;
        }

        if (!script.IsKnown)
        {
            commands.Add([script]);
            return;
        }

        var inner = new ShellVariables(variables, positional);
        foreach (var command in ShellScript.Read(script.Text, inner, budget))
            LookThrough(command, inner, budget, commands, depth + 1);
    }

    /// <summary>Finds <c>sh … -c SCRIPT [NAME ARGS…]</c>, also behind launchers such as <c>tini --</c> or <c>env</c>.</summary>
    private static bool TryFindScript(IReadOnlyList<Word> words, out Word script, out IReadOnlyList<Word> positional)
    {
        (script, positional) = (default, []);
        var shell = -1;
        for (var i = 0; i < words.Count && shell < 0; i++)
        {
            if (Shells.Contains(words[i].BaseName))
                shell = i;
            else if (VllmInvocation.IsProgram(words[i]))
                return false;
        }

        if (shell < 0)
            return false;
        for (var i = shell + 1; i < words.Count - 1; i++)
        {
            var option = words[i].Text;
            if (option.StartsWith('-') && !option.StartsWith("--", StringComparison.Ordinal) && option.Contains('c', StringComparison.Ordinal))
            {
                // The script is the first word behind the options: "bash -c -e SCRIPT" and "bash -ec SCRIPT" are the same.
                var at = i + 1;
                while (at < words.Count - 1 && words[at].Text.StartsWith('-') && words[at].Text.Length == 2)
                    at += words[at].Text == "-o" ? 2 : 1;
                if (at >= words.Count)
                    return false;
                script = words[at];
                positional = [.. words.Skip(at + 1)];
                return true;
            }

            if (option is "-o" or "+o" || (option.StartsWith('-') && option.EndsWith('o')))
                i++;
            else if (!option.StartsWith('-') && !option.StartsWith('+'))
                return false;
        }

        return false;
    }
}
