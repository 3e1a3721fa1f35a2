using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text.RegularExpressions;

namespace Stevedore.Certs.Issuing;

/// <summary>The names a serving certificate is for: at least one DNS name or address.</summary>
public sealed partial class ServingNames
{
    private ServingNames(IReadOnlyList<string> dns, IReadOnlyList<IPAddress> addresses)
    {
        Dns = dns;
        Addresses = addresses;
    }

    /// <summary>
    /// Where a developer's webhook is reached, and the Service of an installed one (the API server verifies
    /// <c>SERVICE.NAMESPACE.svc</c>).
    /// </summary>
    public static ServingNames Default { get; } =
        new(["localhost", "stevedore-webhook.stevedore-system.svc"], [IPAddress.Loopback, IPAddress.IPv6Loopback]);

    /// <summary>DNS names, in lower case.</summary>
    public IReadOnlyList<string> Dns { get; }

    /// <summary>IP addresses.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; }

    /// <summary>Reads names as a person writes them; false with one sentence where one of them can't stand in a certificate.</summary>
    public static bool TryParse(
        IReadOnlyCollection<string> dns,
        IReadOnlyCollection<string> addresses,
        [NotNullWhen(true)] out ServingNames? names,
        [NotNullWhen(false)] out string? problem)
    {
        names = null;
        problem = null;
        var parsed = new List<IPAddress>();
        foreach (var name in dns)
        {
            if (name.Length > 253 || !DnsName().IsMatch(name))
                problem ??= $"\"{name}\" is not a DNS name; write one such as stevedore-webhook.stevedore-system.svc, or give an address with --ip.";
        }

        foreach (var text in addresses)
        {
            if (IPAddress.TryParse(text, out var address))
                parsed.Add(address);
            else
                problem ??= $"\"{text}\" is not an IP address; write one such as 127.0.0.1 or ::1, or give a name with --dns.";
        }

        if (dns.Count + addresses.Count == 0)
            problem ??= "A serving certificate needs at least one DNS name or IP address.";
        if (problem is not null)
            return false;
        names = new ServingNames([.. dns.Select(n => n.ToLowerInvariant()).Distinct()], [.. parsed.Distinct()]);
        return true;
    }

    /// <summary>The names, separated by commas.</summary>
    public override string ToString() => string.Join(", ", Dns.Concat(Addresses.Select(a => a.ToString())));

    [GeneratedRegex(@"^(\*\.)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$", RegexOptions.IgnoreCase)]
    private static partial Regex DnsName();
}
