using System.Text.RegularExpressions;
using Stevedore.Contract;

namespace Stevedore.Webhook.Policies.Reading;

/// <summary>Reads where models come from, and how to get there.</summary>
internal static partial class SourceReader
{
    private const int MostRules = 64;
    private const int MostMirrors = 8;
    private const int MostExceptions = 64;

    /// <summary>Reads <c>sources</c>.</summary>
    public static IReadOnlyList<SourceRule> Rules(Fields spec)
    {
        var rules = spec.Objects("sources", MostRules, (source, _) => Rule(source));
        var twice = rules.GroupBy(rule => rule.Prefix).FirstOrDefault(group => group.Count() > 1)?.Key;
        if (twice is not null)
            spec.Wrong("sources", $"has two entries for {Quoted.Text(twice)}; write one, with all its mirrors.");
        return rules;
    }

    /// <summary>Reads <c>s3</c>.</summary>
    public static S3Settings S3(Fields s3) => new(
        s3.Parse("endpoint", Addresses.Web), s3.Parse("region", RegionName), s3.Switch("pathStyle"), s3.Switch("anonymous") ?? false);

    /// <summary>Reads <c>caBundle</c>; null where it is absent.</summary>
    public static CaBundle? Authorities(Fields bundle)
    {
        var name = bundle.Required("configMapName", bundle.Parse("configMapName", KubernetesNames.Object), "name the ConfigMap in the pods' namespaces");
        var key = bundle.Parse("key", KubernetesNames.DataKey) ?? CaBundle.DefaultKey;
        return name is null ? null : new CaBundle(name, key);
    }

    /// <summary>Reads <c>credentials</c>; null where it is absent.</summary>
    public static string? Secret(Fields credentials) =>
        credentials.Required("secretName", credentials.Parse("secretName", KubernetesNames.Object), "name the Secret in the pods' namespaces");

    /// <summary>Reads <c>proxy</c>.</summary>
    public static ProxySettings Proxy(Fields proxy) => new(
        proxy.Parse("http", Addresses.Web), proxy.Parse("https", Addresses.Web), proxy.List("noProxy", MostExceptions, Addresses.NoProxy));

    private static SourceRule? Rule(Fields source)
    {
        var prefix = source.Required("prefix", source.Parse("prefix", Addresses.Prefix), "write the beginning of the references that it is for, such as hf://");
        var mirrors = source.List("mirrors", MostMirrors, Addresses.Mirror);
        var original = source.Choice<OriginalUse>("original") ?? OriginalUse.Allowed;
        if (prefix is null)
            return null;
        for (var i = 0; i < mirrors.Count; i++)
        {
            if (prefix.EndsWith('/') && !mirrors[i].EndsWith('/'))
                source.Wrong($"mirrors[{i}]", $"must end with \"/\" as its prefix {Quoted.Text(prefix)} does, since it is put in its place.");
        }

        if (mirrors.Count == 0 && original == OriginalUse.Forbidden)
            source.Wrong("original", "is Forbidden, and there is no mirror; name one, or refuse these models with spec.models.deny.");
        return new SourceRule(prefix, mirrors, original);
    }

    private static Parsed<string> RegionName(string text) => Region().IsMatch(text)
        ? text
        : Parsed<string>.Wrong($"{Quoted.Text(text)} is no region; write one such as us-east-1.");

    [GeneratedRegex(@"^[a-z0-9][-a-z0-9]{0,62}\z")]
    private static partial Regex Region();
}
