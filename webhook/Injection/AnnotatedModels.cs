using Stevedore.Contract.References;

namespace Stevedore.Webhook.Injection;

/// <summary>What the annotation alone can ask for wrongly, whatever the command lines say.</summary>
internal static class AnnotatedModels
{
    /// <summary>The refusal; null where nothing is wrong with them by themselves.</summary>
    public static InjectionDecision.Deny? RefusalOf(IReadOnlyList<ModelReference> models)
    {
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
