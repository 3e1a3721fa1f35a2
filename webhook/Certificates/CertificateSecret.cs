using System.Text;
using Stevedore.Certs.Issuing;

namespace Stevedore.Webhook.Certificates;

/// <summary>What the replicas agree on, as it lies in their Secret.</summary>
/// <param name="Current">What is served; null before the first one.</param>
/// <param name="Next">What will be served once API servers trust its authority; null between renewals.</param>
/// <param name="PreviousAuthorityPem">The authority of what was served before: a replica that has not looked yet still serves it.</param>
internal sealed record CertificateSecret(ServingGeneration? Current, ServingGeneration? Next, string? PreviousAuthorityPem)
{
    private const string Previous = "previous-ca.crt";

    /// <summary>Reads a Secret's data; what is missing or only half there counts as absent.</summary>
    public static CertificateSecret Read(IDictionary<string, byte[]>? data)
    {
        return new CertificateSecret(Generation(""), Generation("next-"), Text(Previous));

        ServingGeneration? Generation(string prefix) =>
            Text(prefix + "ca.crt") is { } authority && Text(prefix + "tls.crt") is { } certificate && Text(prefix + "tls.key") is { } key
                ? new ServingGeneration(authority, new PemPair(certificate, key))
                : null;

        string? Text(string key) => data is not null && data.TryGetValue(key, out var bytes) && bytes is { Length: > 0 } ? Encoding.UTF8.GetString(bytes) : null;
    }

    /// <summary>The Secret's whole data.</summary>
    public Dictionary<string, byte[]> Write()
    {
        var data = new Dictionary<string, byte[]>();
        Put("", Current);
        Put("next-", Next);
        if (PreviousAuthorityPem is not null)
            data[Previous] = Encoding.UTF8.GetBytes(PreviousAuthorityPem);
        return data;

        void Put(string prefix, ServingGeneration? generation)
        {
            if (generation is null)
                return;
            data[prefix + "ca.crt"] = Encoding.UTF8.GetBytes(generation.AuthorityPem);
            data[prefix + "tls.crt"] = Encoding.UTF8.GetBytes(generation.Pair.CertificatePem);
            data[prefix + "tls.key"] = Encoding.UTF8.GetBytes(generation.Pair.KeyPem);
        }
    }

    /// <summary>
    /// What API servers must trust now: the authorities of all that any replica may serve. The same authorities always give the same bytes, whichever of them
    /// is the current one, so that replicas do not overwrite each other's.
    /// </summary>
    public byte[] Bundle() => Encoding.UTF8.GetBytes(string.Concat(new[] { Current?.AuthorityPem, Next?.AuthorityPem, PreviousAuthorityPem }
        .OfType<string>().Select(pem => pem.TrimEnd('\n') + "\n").Distinct().Order(StringComparer.Ordinal)));

    /// <summary>Issues what is missing: the first certificate, or the next one when two thirds of the current one's life are over.</summary>
    public CertificateSecret Renewed(ServingNames names, TimeSpan lifetime, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        var next = Next?.Serves(now) == true && !Next.IsDue(names, now) ? Next : null;
        if (Current?.Serves(now) == true)
            return this with { Next = Current.IsDue(names, now) ? next ?? ServingGeneration.Issue(names, lifetime, clock) : next };
        return next is not null
            ? (this with { Next = next }).Promoted()
            : new CertificateSecret(ServingGeneration.Issue(names, lifetime, clock), null, Current?.AuthorityPem);
    }

    /// <summary>The next one is served from now on.</summary>
    public CertificateSecret Promoted() => Next is null ? this : new CertificateSecret(Next, null, Current?.AuthorityPem);
}
