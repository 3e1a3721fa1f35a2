namespace Stevedore.Contract.CommandLine;

/// <summary>References that begin with <paramref name="Prefix"/> are fetched from <paramref name="Target"/> first.</summary>
/// <param name="Prefix">The beginning of a reference, such as <c>hf://</c>.</param>
/// <param name="Target">What replaces it, such as <c>https://hub.example.com/</c>.</param>
public sealed record MirrorRule(string Prefix, string Target)
{
    /// <summary>Splits at the last <c>=</c>.</summary>
    public static Parsed<MirrorRule> Parse(string text)
    {
        var at = text.LastIndexOf('=');
        return at > 0 && at < text.Length - 1 && text[..at].Contains("://", StringComparison.Ordinal)
            ? new MirrorRule(text[..at], text[(at + 1)..])
            : Parsed<MirrorRule>.Wrong($"{Quoted.Text(text)} is not a mirror; write PREFIX=TARGET, such as hf://Qwen/=s3://models/qwen/.");
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Prefix}={Target}";
}
