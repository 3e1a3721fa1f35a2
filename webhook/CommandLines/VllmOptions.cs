namespace Stevedore.Webhook.CommandLines;

/// <summary>
/// Splits vLLM's arguments into options and a positional, as its own parser does: <c>_</c> and <c>-</c> are the same in a name, <c>--a.b
/// v</c> is JSON in pieces, the last of two wins (vLLM's utils/argparse_utils.py).
/// </summary>
internal sealed class VllmOptions
{
    private static readonly HashSet<string> Many =
        ["lora-modules", "served-model-name", "api-key", "middleware", "cudagraph-capture-sizes", "logits-processors", "allowed-media-domains"];

    private static readonly HashSet<string> Flags =
    [
        "enforce-eager", "trust-remote-code", "headless", "skip-tokenizer-init", "async-scheduling", "allow-credentials", "fully-sharded-loras",
        "calculate-kv-scales", "return-tokens-as-token-ids", "use-tqdm-on-load", "data-parallel-hybrid-lb", "data-parallel-external-lb",
        "ray-workers-use-nsight", "use-v2-block-manager", "engine-use-ray", "worker-use-ray", "multi-step-stream-outputs", "language-model-only",
        "mm-encoder-only", "exclude-tools-when-tool-choice-none", "skip-mm-profiling", "help", "version",
        "log-error-stack", "kv-sharing-fast-prefill", "aggregate-engine-logging", "grpc", "fail-on-environ-validation",
    ];

    private static readonly string[] FlagPrefixes = ["enable-", "disable-", "no-"];

    private readonly Dictionary<string, List<Word>> _values = [];
    private readonly List<Word> _positionals = [];

    /// <summary>Reads the words behind <c>vllm serve</c>.</summary>
    public VllmOptions(IReadOnlyList<Word> arguments)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            var word = arguments[i];
            if (!IsOption(word))
            {
                _positionals.Add(word);
                continue;
            }

            if (word.Text == "--")
            {
                _positionals.AddRange(arguments.Skip(i + 1));
                return;
            }

            var equals = word.Text.IndexOf('=', StringComparison.Ordinal);
            var name = NameOf(equals < 0 ? word.Text : word.Text[..equals]);
            var values = new List<Word>();
            if (equals >= 0)
            {
                values.Add(word with { Text = word.Text[(equals + 1)..] });
            }
            else if (Many.Contains(name))
            {
                while (i + 1 < arguments.Count && !IsOption(arguments[i + 1]))
                    values.Add(arguments[++i]);
            }
            else if (i + 1 < arguments.Count && !IsOption(arguments[i + 1]) && (!IsFlag(name) || arguments[i + 1].Text is "true" or "false"))
            {
                values.Add(arguments[++i]);
            }

            _values[name] = values;
        }
    }

    /// <summary>The first word that belongs to no option; what is known goes before what may be anything, or nothing.</summary>
    public Word? Positional
    {
        get
        {
            var known = _positionals.FindIndex(word => word.IsKnown && word.Text.Length > 0);
            return known >= 0 ? _positionals[known] : _positionals.Count > 0 ? _positionals[0] : null;
        }
    }

    /// <summary>Words that may hide options, since only the shell knows what they become.</summary>
    public IEnumerable<Word> Open => _positionals.Concat(_values.Values.SelectMany(values => values)).Where(word => word.IsOpen);

    /// <summary>Whether the option was given.</summary>
    public bool Has(string name) => _values.ContainsKey(name);

    /// <summary>The option's values.</summary>
    public IReadOnlyList<Word> Values(string name) => _values.TryGetValue(name, out var values) ? values : [];

    /// <summary>The option's only value; null where it was not given.</summary>
    public Word? Value(string name) => Values(name) is [var first, ..] ? first : null;

    private static bool IsOption(Word word) => word.Text.Length > 1 && word.Text[0] == '-' && !char.IsAsciiDigit(word.Text[1]);

    private static bool IsFlag(string name) =>
        Flags.Contains(name) || IsAttachedLevel(name) || Array.Exists(FlagPrefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary><c>-O3</c>: the value is part of the word.</summary>
    private static bool IsAttachedLevel(string name) => name is ['O', >= '0' and <= '9'];

    private static string NameOf(string option)
    {
        var name = option.TrimStart('-');
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? name.Replace('_', '-') : name[..dot].Replace('_', '-') + name[dot..];
    }
}
