namespace Stevedore.Webhook.CommandLines;

/// <summary>What one vLLM command line says about models.</summary>
internal sealed record VllmCommandLine
{
    /// <summary>The models in the order: model, tokenizer, config, draft model, LoRA modules.</summary>
    public required IReadOnlyList<NamedModel> Models { get; init; }

    /// <summary>Whether <c>--served-model-name</c> gives the API a name of its own.</summary>
    public bool HasServedName { get; init; }

    /// <summary><c>--load-format</c>, in lower case; null where it is not given.</summary>
    public string? LoadFormat { get; init; }

    /// <summary><c>--download-dir</c>.</summary>
    public string? DownloadDirectory { get; init; }

    /// <summary>Whether a token stands on the command line, which is never copied.</summary>
    public bool HasToken { get; init; }

    /// <summary>
    /// What can't be read before the container runs: variables, substitutions, <c>--config</c> files. Each as it would be shown to a person.
    /// </summary>
    public IReadOnlyList<string> Unread { get; init; } = [];
}

/// <summary>A model as a command line names it.</summary>
/// <param name="Role">What it is for.</param>
/// <param name="Text">A Hub id, a path, or a name of the user's own.</param>
/// <param name="Revision">The revision that goes with it; null where none was written.</param>
internal sealed record NamedModel(ModelRole Role, string Text, string? Revision)
{
    /// <summary>Whether the revision was written for another model, and vLLM uses it for this one too.</summary>
    public bool RevisionIsBorrowed { get; init; }
}

/// <summary>What a model on a command line is for.</summary>
internal enum ModelRole
{
    /// <summary>The model that is served.</summary>
    Model,

    /// <summary><c>--tokenizer</c>.</summary>
    Tokenizer,

    /// <summary><c>--hf-config-path</c>.</summary>
    Config,

    /// <summary>The speculative model.</summary>
    Draft,

    /// <summary>One of <c>--lora-modules</c>.</summary>
    Lora,
}
