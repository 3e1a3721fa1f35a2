using Stevedore.Contract.References;

namespace Stevedore.Contract.CommandLine;

/// <summary>What the workload calls a model: <c>REF=NAME</c> or <c>REF=/DIRECTORY</c>.</summary>
/// <param name="Reference">One of the references of the same command line.</param>
/// <param name="Alias">A name for the redirect file, or an absolute directory.</param>
public sealed record ModelAlias(ModelReference Reference, string Alias)
{
    /// <summary>Whether the alias is a directory that the workload reads.</summary>
    public bool IsDirectory => Alias.StartsWith('/');

    /// <summary>Splits at the last <c>=</c>, since references may contain one.</summary>
    public static Parsed<ModelAlias> Parse(string text)
    {
        var at = text.LastIndexOf('=');
        if (at <= 0 || at == text.Length - 1)
            return Wrong(text, "it has no name behind \"=\"");
        var reference = ModelReference.Parse(text[..at]);
        if (!reference.IsValid)
            return Parsed<ModelAlias>.Wrong(reference.Error);
        var alias = text[(at + 1)..];
        if (alias.Any(char.IsControl))
            return Wrong(text, "the name contains control characters");
        if (alias.StartsWith('/') && (alias.Trim('/').Length == 0 || alias.Trim('/').Split('/').Any(part => part is "" or "." or "..")))
            return Wrong(text, "the directory is the root or has an empty, \".\" or \"..\" part");
        return new ModelAlias(reference.Value, alias);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Reference}={Alias}";

    private static Parsed<ModelAlias> Wrong(string text, string why) => Parsed<ModelAlias>.Wrong(
        $"{Quoted.Text(text)} does not say what a model is called: {why}; write REF=NAME or REF=/DIRECTORY, such as hf://Qwen/Qwen3-8B=/models/qwen.");
}
