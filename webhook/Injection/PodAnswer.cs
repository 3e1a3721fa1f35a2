using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Injection;

/// <summary>What becomes of a pod; the same for the server and for the preview.</summary>
/// <param name="Outcome">Injected, skipped or denied.</param>
/// <param name="Reason">The name of the skip or deny reason as warnings, logs and metrics show it; <c>None</c> when injected.</param>
/// <param name="Message">One sentence for the person: why it was skipped or denied. Null when injected.</param>
/// <param name="Warnings">Admission warnings, each at most 120 characters.</param>
/// <param name="Patch">The JSON Patch (RFC 6902) as UTF-8 JSON; empty when nothing changes.</param>
internal sealed record PodAnswer(
    PodOutcome Outcome, string Reason, string? Message, IReadOnlyList<string> Warnings, ReadOnlyMemory<byte> Patch)
{
    /// <summary>The policy that applied; null where the pod was left alone before any was looked for.</summary>
    public string? Policy { get; init; }

    /// <summary>The strategy that applied; null where it did not come to that.</summary>
    public Strategy? Strategy { get; init; }
}

/// <summary>The three ways an admission can end.</summary>
internal enum PodOutcome
{
    /// <summary>The patch adds what the pod needs, or it is empty because everything is there already.</summary>
    Injected,

    /// <summary>The pod stays as it is.</summary>
    Skipped,

    /// <summary>The pod is refused; only at the explicit door.</summary>
    Denied,
}
