using Stevedore.Contract.References;

namespace Stevedore.Webhook.Injection;

/// <summary>What the annotation alone can ask for wrongly, whatever the command lines say.</summary>
internal static class AnnotatedModels
{
    /// <summary>The refusal; null where the strategy <c>Local</c> can bring them all.</summary>
    public static InjectionDecision.Deny? RefusalOf(IReadOnlyList<ModelReference> models)
    {
        if (models.FirstOrDefault(model => model is ClaimReference or ImageReference) is { } mounted)
        {
            return new InjectionDecision.Deny(
                DenyReason.SchemeNotSupported,
                $"{mounted} is mounted where it lies, which the strategy Local does not do; "
                + "mount it by yourself, or write an hf://, s3://, https:// or file:// model.");
        }

        if (models.OfType<HubReference>().GroupBy(hub => hub.Id).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            return new InjectionDecision.Deny(
                DenyReason.ContradictingRevision,
                $"Annotation stevedore.dev/model asks for {twice.Key} in two versions, "
                + $"{string.Join(" and ", twice.Select(hub => hub.RevisionOrDefault))}; a pod sees one of each model.");
        }

        return null;
    }
}
