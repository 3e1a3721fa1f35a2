using System.Text.RegularExpressions;

namespace Stevedore.Contract.Layout;

/// <summary>
/// The part of a shared volume that belongs to one namespace: a whole cache of its own. The fetcher makes it, and the workload mounts nothing else
/// of the volume.
/// </summary>
public static partial class TenantFolder
{
    /// <summary><c>ns/NAMESPACE</c>, relative to the volume's root.</summary>
    /// <param name="name">The namespace.</param>
    /// <returns>The folder; or the sentence where the name is none that Kubernetes gives to a namespace, and so might lead elsewhere.</returns>
    public static Parsed<string> For(string name) => name.Length <= 63 && DnsLabel().IsMatch(name)
        ? "ns/" + name
        : Parsed<string>.Wrong($"{Quoted.Text(name)} is no namespace: its name is at most 63 letters in lower case, digits and dashes.");

    // Not $, which a line break at the end would pass: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names
    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex DnsLabel();
}
