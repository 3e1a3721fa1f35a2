using System.Text.RegularExpressions;
using Stevedore.Contract;

namespace Stevedore.Webhook.Policies.Reading;

/// <summary>
/// The names that Kubernetes takes (https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ and
/// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set). What it would refuse later, in every
/// pod, is refused in the policy.
/// </summary>
internal static partial class KubernetesNames
{
    private const int LongestSubdomain = 253;
    private const int LongestLabel = 63;

    /// <summary>The name of an object.</summary>
    public static Parsed<string> Object(string text) => text.Length <= LongestSubdomain && Subdomain().IsMatch(text)
        ? text
        : Wrong(text, "is no name of an object: lower-case letters, digits, \"-\" and \".\", at most 253");

    /// <summary>The key of a label, with or without a prefix.</summary>
    public static Parsed<string> LabelKey(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return IsLabelText(text[(slash + 1)..]) && text.Length > slash + 1 && (slash < 0 || Object(text[..slash]).IsValid)
            ? text
            : Wrong(text, "is no key of a label: letters, digits, \"-\", \"_\" and \".\", at most 63, behind an optional prefix such as example.com/");
    }

    /// <summary>The value of a label; it may be empty.</summary>
    public static Parsed<string> LabelValue(string text) => IsLabelText(text)
        ? text
        : Wrong(text, "is no value of a label: letters, digits, \"-\", \"_\" and \".\", at most 63");

    /// <summary>A key of a Secret or ConfigMap.</summary>
    public static Parsed<string> DataKey(string text) => text.Length <= LongestSubdomain && Key().IsMatch(text) && text is not ("." or "..")
        ? text
        : Wrong(text, "is no key of a ConfigMap: letters, digits, \"-\", \"_\" and \".\"");

    /// <summary>The name of an environment variable.</summary>
    public static Parsed<string> Variable(string text) => EnvironmentName().IsMatch(text)
        ? text
        : Wrong(text, "is no name of a variable: letters, digits, \"_\", \"-\" and \".\", and no digit in front");

    private static bool IsLabelText(string text) => text.Length <= LongestLabel && LabelText().IsMatch(text);

    private static Parsed<string> Wrong(string text, string why) => Parsed<string>.Wrong($"{Quoted.Text(text)} {why}.");

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?\z")]
    private static partial Regex LabelText();

    [GeneratedRegex(@"^[-._A-Za-z0-9]+\z")]
    private static partial Regex Key();

    [GeneratedRegex(@"^[-._A-Za-z][-._A-Za-z0-9]*\z")]
    private static partial Regex EnvironmentName();
}
