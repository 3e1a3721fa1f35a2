using System.Text.Json;

namespace Stevedore.Webhook.CommandLines;

/// <summary>What a vLLM invocation says about models.</summary>
internal sealed class VllmCommandLineReader
{
    // Methods of speculation that load no second model, some of them written in the place of one (vLLM's config/speculative.py).
    private static readonly HashSet<string> NotAModel = ["ngram", "[ngram]", "suffix", "mtp", "self", "none", "null"];

    // Enough to say that much is unknown.
    private const int MostUnread = 8;

    private readonly VllmOptions _options;
    private readonly List<NamedModel> _models = [];
    private readonly List<string> _unread = [];

    private VllmCommandLineReader(VllmOptions options) => _options = options;

    /// <summary>Reads one invocation.</summary>
    public static VllmCommandLine Read(VllmInvocation invocation) =>
        new VllmCommandLineReader(new VllmOptions(invocation.Arguments)).Read(invocation.TakesPositional);

    private VllmCommandLine Read(bool takesPositional)
    {
        var revision = Text("revision");
        var model = _options.Value("model") ?? (takesPositional ? _options.Positional : null);
        AddModel(ModelRole.Model, Known(model), revision);
        var ofTokenizer = Text("tokenizer-revision");
        AddModel(ModelRole.Tokenizer, Text("tokenizer"), ofTokenizer ?? revision, isBorrowed: ofTokenizer is null);
        AddModel(ModelRole.Config, Text("hf-config-path"), revision, isBorrowed: true);
        ReadDraft();
        foreach (var module in _options.Values("lora-modules"))
            ReadLora(module);
        if (_options.Has("config"))
            Miss(_options.Value("config") is { IsKnown: true } file ? $"--config {file.Text}" : "--config");
        foreach (var word in _options.Open)
            Known(word);
        return new VllmCommandLine
        {
            Models = _models,
            HasServedName = _options.Has("served-model-name"),
            LoadFormat = Text("load-format")?.ToLowerInvariant(),
            DownloadDirectory = Text("download-dir"),
            HasToken = _options.Value("hf-token") is not null,
            Unread = _unread,
        };
    }

    private void AddModel(ModelRole role, string? text, string? revision, bool isBorrowed = false)
    {
        if (!string.IsNullOrWhiteSpace(text))
            _models.Add(new NamedModel(role, text, revision) { RevisionIsBorrowed = isBorrowed && revision is not null });
    }

    private void ReadDraft()
    {
        var json = Known(_options.Value("speculative-config") ?? _options.Value("sc"));
        var (method, model, revision) = json is null ? default : DraftIn(json);
        method = Text("speculative-config.method") ?? method;
        model = Text("speculative-config.model") ?? Text("speculative-model") ?? model;
        revision = Text("speculative-config.revision") ?? revision;
        if (model is not null && !NotAModel.Contains(model.ToLowerInvariant()) && method?.ToLowerInvariant() is not ("ngram" or "suffix"))
            AddModel(ModelRole.Draft, model, revision);
    }

    private (string? Method, string? Model, string? Revision) DraftIn(string json)
    {
        if (Parse(json) is { } document)
        {
            using (document)
                return (Member(document, "method"), Member(document, "model"), Member(document, "revision"));
        }

        Miss("--speculative-config");
        return default;
    }

    /// <summary>
    /// <c>name=path</c>, or JSON with a <c>path</c>; JSON where there is a comma or no equals sign, as vLLM tells them apart.
    /// </summary>
    private void ReadLora(Word word)
    {
        if (Known(word) is not { Length: > 0 } text)
            return;
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals >= 0 && !text.Contains(',', StringComparison.Ordinal))
        {
            AddModel(ModelRole.Lora, text[(equals + 1)..], null);
        }
        else if (Parse(text) is { } document)
        {
            using (document)
                AddModel(ModelRole.Lora, Member(document, "path"), null);
        }
        else
        {
            Miss("--lora-modules");
        }
    }

    private static JsonDocument? Parse(string json)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Member(JsonDocument document, string name)
    {
        try
        {
            return Pods.JsonShape.Text(document.RootElement, name);
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: no name of a model.
            return null;
        }
    }

    private string? Text(string option) => Known(_options.Value(option));

    /// <summary>The word's text; null, and a note for the person, where only the running container knows it.</summary>
    private string? Known(Word? word)
    {
        if (word is not { } value)
            return null;
        if (value.IsKnown)
            return value.Text;
        Miss(value.Missing!);
        return null;
    }

    private void Miss(string what)
    {
        if (_unread.Count < MostUnread && !_unread.Contains(what))
            _unread.Add(what);
    }
}
