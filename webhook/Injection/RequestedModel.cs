using Stevedore.Contract.References;
using Stevedore.Webhook.CommandLines;

namespace Stevedore.Webhook.Injection;

/// <summary>A model that will be fetched, while annotation and command lines are brought together.</summary>
/// <param name="reference">As the annotation or the command line gives it.</param>
/// <param name="isAnnotated">Whether the annotation gives it.</param>
internal sealed class RequestedModel(ModelReference reference, bool isAnnotated)
{
    /// <summary>The reference, with the revision as far as one is known.</summary>
    public ModelReference Reference { get; private set; } = reference;

    /// <summary>Whether the annotation asks for it.</summary>
    public bool IsAnnotated { get; } = isAnnotated;

    /// <summary>Whether a command line names it.</summary>
    public bool IsNamed { get; set; }

    /// <summary>Whether it is the Hub's repository of that id; the Hub does not tell <c>Qwen</c> from <c>qwen</c>.</summary>
    public bool Is(HubReference id) => Reference is HubReference hub && string.Equals(hub.Id, id.Id, StringComparison.OrdinalIgnoreCase);

    /// <summary>Takes the revision that a command line asks for.</summary>
    /// <returns>The refusal where that contradicts what is known; null where it does not.</returns>
    public InjectionDecision.Deny? Pin(NamedModel name, AdmissionWarnings warnings)
    {
        if (name.Revision is not { } revision || Reference is not HubReference hub)
            return null;
        if (hub.Revision is null)
            return PinTo(hub, revision);
        if (hub.Revision == revision || name.RevisionIsBorrowed)
            return null;
        if (name.Role == ModelRole.Tokenizer)
        {
            warnings.Add($"the tokenizer's revision {AdmissionWarnings.Excerpt(revision)} is ignored: a pod sees one version of a model");
            return null;
        }

        return new InjectionDecision.Deny(
            DenyReason.ContradictingRevision,
            $"{hub.Id} is asked for as {hub.Revision}{(IsAnnotated ? " by the annotation stevedore.dev/model" : "")} "
            + $"and as {revision} by the command line; let both say the same.");
    }

    private InjectionDecision.Deny? PinTo(HubReference hub, string revision)
    {
        // Parsed again, since a revision ends up in arguments and paths.
        var pinned = ModelReference.Parse($"hf://{hub.Id}@{revision}");
        if (!pinned.IsValid)
        {
            return new InjectionDecision.Deny(
                DenyReason.InvalidReference,
                $"The command line asks for {hub.Id} in the revision \"{revision}\", which can't be a branch, tag or commit; "
                + "write one such as main.");
        }

        Reference = pinned.Value;
        return null;
    }
}
