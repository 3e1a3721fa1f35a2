using System.Text.RegularExpressions;
using Stevedore.Contract;
using Stevedore.Contract.References;

namespace Stevedore.Webhook.Policies;

/// <summary>
/// Where a model lies in the volume of a CSI driver that loads lazily: a path relative to the volume's root, in which <c>{model}</c> is the model's
/// own path, <c>{revision}</c> its revision and <c>{namespace}</c> the pod's namespace; <c>.</c> where the volume's root is the model.
/// </summary>
internal sealed partial record LazyPath
{
    /// <summary><c>OWNER/NAME</c> for a model of the Hub; for the others, what stands behind bucket or host.</summary>
    public static readonly LazyPath Default = new("{model}");

    private readonly string _template;

    private LazyPath(string template) => _template = template;

    /// <summary>Reads a template.</summary>
    public static Parsed<LazyPath> Parse(string template)
    {
        const string form = "write a path such as models/{model}/{revision}, or . where the volume's root is the model";
        if (template == ".")
            return new LazyPath("");
        if (template.StartsWith('/') || template.Split('/').Any(part => part is "." or "..") || template.Any(char.IsControl))
            return Parsed<LazyPath>.Wrong($"is {Quoted.Text(template)}, which leaves the volume; {form}.");
        return Placeholder().Matches(template).FirstOrDefault(match => match.Value is not ("{model}" or "{revision}" or "{namespace}")) is { } other
            ? Parsed<LazyPath>.Wrong($"is {Quoted.Text(template)}, with the unknown placeholder {Quoted.Text(other.Value)}; {form}.")
            : new LazyPath(template);
    }

    /// <summary>The folder of a model; null for the volume's root.</summary>
    public string? Of(ModelReference model, string @namespace)
    {
        var path = _template
            .Replace("{namespace}", @namespace, StringComparison.Ordinal)
            .Replace("{revision}", (model as HubReference)?.RevisionOrDefault ?? "", StringComparison.Ordinal)
            .Replace("{model}", PathOf(model), StringComparison.Ordinal);
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == 0 ? null : string.Join('/', parts);
    }

    /// <inheritdoc/>
    public override string ToString() => _template.Length == 0 ? "." : _template;

    private static string PathOf(ModelReference model) => model switch
    {
        HubReference hub => hub.Id,
        S3Reference s3 => s3.Prefix,
        HttpReference http => Uri.UnescapeDataString(http.Address.AbsolutePath),
        FileReference file => file.Path,
        _ => "",
    };

    [GeneratedRegex(@"\{[^}]*\}?")]
    private static partial Regex Placeholder();
}
