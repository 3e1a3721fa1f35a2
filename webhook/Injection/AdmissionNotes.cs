using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Injection;

/// <summary>What a decision leaves behind besides itself.</summary>
internal sealed class AdmissionNotes
{
    /// <summary>What a person should know.</summary>
    public AdmissionWarnings Warnings { get; } = new();

    /// <summary>The policy that applied; null where the pod was left alone before any was looked for.</summary>
    public string? Policy { get; set; }

    /// <summary>The strategy that applied; null where it did not come to that.</summary>
    public Strategy? Strategy { get; set; }
}
