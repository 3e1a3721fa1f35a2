namespace Stevedore.Webhook.CommandLines;

/// <summary>
/// Finds vLLM among the words of a command: <c>vllm serve …</c>, <c>python -m vllm.entrypoints.openai.api_server …</c>, with any launcher in
/// front.
/// </summary>
/// <param name="Arguments">The words behind the program and its subcommand.</param>
/// <param name="TakesPositional">Whether a bare word can be the model.</param>
internal readonly record struct VllmInvocation(IReadOnlyList<Word> Arguments, bool TakesPositional)
{
    private const string Package = "vllm.";

    /// <summary>Whether the word is the program <c>vllm</c> or one of its modules' files.</summary>
    public static bool IsProgram(Word word) => word.BaseName == "vllm" || IsModuleFile(word.Text);

    /// <summary>The invocation; null when the command runs something else.</summary>
    public static VllmInvocation? Find(IReadOnlyList<Word> words)
    {
        for (var i = 0; i < words.Count; i++)
        {
            var next = i + 1 < words.Count ? words[i + 1].Text : "";
            if (words[i].BaseName == "vllm" && Subcommand(words, i + 1) is { } invocation)
                return invocation;
            if (words[i].Text == "-m" && next.StartsWith(Package, StringComparison.Ordinal))
                return Module(next, words, i + 2);
            if (words[i].Text.StartsWith("-m" + Package, StringComparison.Ordinal))
                return Module(words[i].Text[2..], words, i + 1);
            if (IsModuleFile(words[i].Text))
                return Module(words[i].Text, words, i + 1);
        }

        return null;
    }

    private static VllmInvocation? Subcommand(IReadOnlyList<Word> words, int at) => at >= words.Count
        ? null
        : words[at].Text switch
        {
            "serve" => new VllmInvocation([.. words.Skip(at + 1)], TakesPositional: true),
            "run-batch" => new VllmInvocation([.. words.Skip(at + 1)], TakesPositional: false),
            // "bench serve" is a client; the other two load the model themselves.
            "bench" when at + 1 < words.Count && words[at + 1].Text is "latency" or "throughput" =>
                new VllmInvocation([.. words.Skip(at + 2)], TakesPositional: false),
            _ => null,
        };

    private static VllmInvocation? Module(string module, IReadOnlyList<Word> words, int at)
    {
        if (!module.Contains("entrypoints", StringComparison.Ordinal))
            return null;
        var name = module.EndsWith(".py", StringComparison.Ordinal) ? module[..^3] : module;
        return name.EndsWith("cli.main", StringComparison.Ordinal)
            ? Subcommand(words, at)
            : new VllmInvocation([.. words.Skip(at)], TakesPositional: name.EndsWith("api_server", StringComparison.Ordinal));
    }

    private static bool IsModuleFile(string path) =>
        path.EndsWith(".py", StringComparison.Ordinal) && path.Contains("vllm/entrypoints/", StringComparison.Ordinal);
}
