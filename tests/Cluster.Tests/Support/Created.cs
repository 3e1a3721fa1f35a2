using k8s.Models;

namespace Stevedore.Cluster.Tests.Support;

/// <summary>What came of the creation of a pod.</summary>
/// <param name="Pod">As it is stored; null where it was refused.</param>
/// <param name="Warnings">What kubectl would print.</param>
/// <param name="Refusal">The API server's sentence; null where it was created.</param>
/// <param name="Code">The answer's HTTP status.</param>
/// <param name="Audit">What the API server noted.</param>
internal sealed record Created(V1Pod? Pod, IReadOnlyList<string> Warnings, string? Refusal, int Code, AuditEvent Audit)
{
    /// <summary>The injected container; null where there is none.</summary>
    public V1Container? Fetcher => Pod?.Spec.InitContainers?.SingleOrDefault(container => container.Name == "stevedore-fetch");

    /// <summary>Which door answered, and what: <c>explicit: Injected</c>.</summary>
    public IReadOnlyList<string> Outcomes => [.. Audit.OfWebhooks.Where(note => note.Key.EndsWith(".stevedore.dev/outcome", StringComparison.Ordinal))
        .Select(note => $"{note.Key[..note.Key.IndexOf('.', StringComparison.Ordinal)]}: {note.Value}")];
}
