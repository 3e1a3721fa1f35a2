using System.Diagnostics.CodeAnalysis;
using Stevedore.Certs;
using Stevedore.Certs.Issuing;

namespace Stevedore.Webhook.Certificates;

/// <summary>
/// A serving certificate and the authority that issued it and nothing else: the authority's key is forgotten on the spot, so nobody who reads the Secret can
/// issue a second certificate that API servers would trust.
/// </summary>
/// <param name="AuthorityPem">The authority's certificate.</param>
/// <param name="Pair">The serving certificate and its key.</param>
internal sealed record ServingGeneration(string AuthorityPem, PemPair Pair)
{
    /// <summary>Makes a new authority and a new certificate, both valid for the same time.</summary>
    public static ServingGeneration Issue(ServingNames names, TimeSpan lifetime, TimeProvider clock)
    {
        using var authority = CertificateAuthority.Create(lifetime, clock);
        return new ServingGeneration(authority.CertificatePem, authority.Issue(names, lifetime));
    }

    /// <summary>Whether it can be served now: whole, in its time, and signed by its own authority.</summary>
    public bool Serves(DateTimeOffset now) => TryRead(now, out var pair) && Use(pair, pair => pair.IsSignedBy(AuthorityPem, now));

    /// <summary>Whether another one should follow: two thirds of its life are over, or it lacks one of the names.</summary>
    public bool IsDue(ServingNames names, DateTimeOffset now) => !TryRead(now, out var pair)
        || Use(pair, pair => !pair.Covers(names) || (pair.Expires - now) * 3 <= pair.Leaf.NotAfter - pair.Leaf.NotBefore - CertificateAuthority.Backdated);

    private bool TryRead(DateTimeOffset now, [NotNullWhen(true)] out ServingPair? pair) =>
        ServingPair.TryRead(Pair, "tls.crt", "tls.key", now, out pair, out _);

    private static bool Use(ServingPair pair, Func<ServingPair, bool> question)
    {
        using (pair)
            return question(pair);
    }
}
