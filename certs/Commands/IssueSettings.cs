using Stevedore.Certs.Issuing;

namespace Stevedore.Certs.Commands;

/// <summary>What <c>stevedore-certs issue</c> was asked for.</summary>
/// <param name="Folder">Where ca.crt, tls.crt and tls.key go.</param>
/// <param name="Names">What the certificate is for.</param>
/// <param name="Lifetime">How long it is to be valid.</param>
/// <param name="Force">Whether a pair that still serves is replaced all the same.</param>
internal sealed record IssueSettings(string Folder, ServingNames Names, TimeSpan Lifetime, bool Force);
