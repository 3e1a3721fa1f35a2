using Stevedore.Webhook.Injection;

namespace Stevedore.Webhook.Preview;

/// <summary>What <c>inject</c> was asked for; bound once, from the command line.</summary>
/// <param name="File">The file to read; <c>-</c> is standard input.</param>
/// <param name="Door">The door to play.</param>
/// <param name="Namespace">Where objects go that don't say so themselves.</param>
/// <param name="NamespaceLabels">The labels that every namespace is taken to have.</param>
/// <param name="Output">What to print.</param>
/// <param name="Injection">What concerns the pods.</param>
internal sealed record PreviewSettings(
    string File,
    Door Door,
    string Namespace,
    IReadOnlyDictionary<string, string> NamespaceLabels,
    PreviewOutput Output,
    InjectionSettings Injection);

/// <summary>What <c>inject</c> prints.</summary>
internal enum PreviewOutput
{
    /// <summary>The objects as YAML documents.</summary>
    Yaml,

    /// <summary>The object as JSON; several as one <c>List</c>.</summary>
    Json,

    /// <summary>The JSON Patch of the object; of several, an array of what belongs to which.</summary>
    Patch,
}
