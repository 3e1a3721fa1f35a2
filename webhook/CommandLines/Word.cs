namespace Stevedore.Webhook.CommandLines;

/// <summary>One word of a command line after expansion.</summary>
/// <param name="Text">What it says, as far as that is known.</param>
/// <param name="Missing">The variable or substitution that only the running container knows; null when the word is complete.</param>
/// <param name="IsOpen">Whether what is missing stands outside quotes in a shell: it may become any number of words, options among
/// them.</param>
internal readonly record struct Word(string Text, string? Missing = null, bool IsOpen = false)
{
    /// <summary>Whether the whole word is known.</summary>
    public bool IsKnown => Missing is null;

    /// <summary>Behind the last slash: <c>vllm</c> for <c>/opt/venv/bin/vllm</c>.</summary>
    public string BaseName => Text[(Text.LastIndexOf('/') + 1)..];
}
