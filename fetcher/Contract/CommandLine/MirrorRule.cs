using Stevedore.Contract.References;

namespace Stevedore.Contract.CommandLine;

/// <summary>
/// Where references that begin with <paramref name="Prefix"/> are fetched from instead. Of all rules those with the longest matching prefix count, and they are the
/// whole list of places, tried in order: the original is asked only where one of them has an empty target, which means it.
/// </summary>
/// <remarks>
/// <c>--mirror hf://=s3://weights/hub/</c> never touches the Hub; with <c>--mirror hf://=</c> behind it the Hub is asked where the mirror has no answer.
/// </remarks>
/// <param name="Prefix">The beginning of a reference, such as <c>hf://</c>; compared with the canonical text, so end it with <c>/</c>.</param>
/// <param name="Target">What replaces it, such as <c>https://hub.example.com/</c>: ends with <c>/</c>. Empty for the original.</param>
public sealed record MirrorRule(string Prefix, string Target)
{
    private const string Form = "write PREFIX=TARGET, such as hf://Qwen/=s3://models/qwen/, or PREFIX= for the original itself";

    /// <summary>Whether the rule names the original, so that it may be used too.</summary>
    public bool IsOriginal => Target.Length == 0;

    /// <summary>The rule that lets the original be used, at its place among the others.</summary>
    public static MirrorRule Original(string prefix) => new(prefix, "");

    /// <summary>Splits at the last <c>=</c>, and ends the target with <c>/</c>.</summary>
    public static Parsed<MirrorRule> Parse(string text)
    {
        var at = text.LastIndexOf('=');
        if (at <= 0 || !text[..at].Contains("://", StringComparison.Ordinal))
            return Parsed<MirrorRule>.Wrong($"{Quoted.Text(ShownText.Of(text))} is not a mirror; {Form}.");
        var (prefix, target) = (text[..at], text[(at + 1)..]);
        if (target.Length == 0)
            return Original(prefix);
        if (!target.EndsWith('/'))
            target += "/";
        var place = ModelReference.Parse(target);
        if (!place.IsValid)
            return Parsed<MirrorRule>.Wrong($"The target of the mirror of {prefix} can't be used: {place.Error}");
        return place.Value is S3Reference or HttpReference or FileReference
            ? new MirrorRule(prefix, target)
            : Parsed<MirrorRule>.Wrong($"The mirror {Quoted.Text(target)} of {prefix} is of a kind that can't be one; name an s3://, https:// or file:/// folder.");
    }

    /// <summary>The places of a reference in the order in which they are tried; empty where no rule speaks of it, and only the original counts then.</summary>
    public static IReadOnlyList<MirrorRule> For(ModelReference reference, IEnumerable<MirrorRule> rules)
    {
        var text = reference.ToString();
        var matching = rules.Where(rule => text.StartsWith(rule.Prefix, StringComparison.Ordinal)).ToList();
        var longest = matching.Select(rule => rule.Prefix.Length).DefaultIfEmpty(0).Max();
        return [.. matching.Where(rule => rule.Prefix.Length == longest)];
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Prefix}={Target}";
}
