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

    /// <summary>Whether the directory is called as the model is: <c>/models/draft</c> for <c>pvc://claim/team/draft</c>.</summary>
    public bool IsCalledLike(string directory) => LastPart(Reference switch
    {
        HubReference hub => hub.Name,
        S3Reference s3 => s3.Prefix,
        HttpReference http => http.Address.AbsolutePath,
        FileReference file => file.Path,
        ClaimReference claim => claim.Path,
        ImageReference image => RepositoryOf(image.Image),
        _ => "",
    }) is { Length: > 0 } own && string.Equals(own, LastPart(directory), StringComparison.OrdinalIgnoreCase);

    private static string LastPart(string path)
    {
        var trimmed = path.TrimEnd('/');
        return trimmed[(trimmed.LastIndexOf('/') + 1)..];
    }

    /// <summary>Without tag and digest; a colon before the last slash is a port.</summary>
    private static string RepositoryOf(string image)
    {
        var name = image.Split('@', 2)[0];
        var colon = name.LastIndexOf(':');
        return colon > name.LastIndexOf('/') ? name[..colon] : name;
    }

    /// <summary>
    /// Takes the revisions that command lines ask for. A use without one means <c>main</c>; a revision in the annotation speaks for the uses
    /// that have none. What is served decides, since whatever else names the model may be content with less.
    /// </summary>
    /// <returns>The refusal where that contradicts what is known; null where it does not.</returns>
    public InjectionDecision.Deny? Pin(IReadOnlyList<NamedModel> uses, AdmissionWarnings warnings)
    {
        if (Reference is not HubReference { Revision: var annotated })
            return null;
        var isDecided = annotated is not null;
        foreach (var use in uses.OrderBy(use => use.Role != ModelRole.Model))
        {
            if (use.Revision is null && annotated is not null)
                continue;
            var isModel = use.Role == ModelRole.Model;
            // An annotated model that nothing readable serves may be what is served after all: a tokenizer's revision is not its own.
            var decides = !isDecided && (isModel || !IsAnnotated);
            if ((decides ? Decide(use.Revision) : Compare(use, annotated is not null, warnings)) is { } refused)
                return refused;
            isDecided |= decides;
        }

        return null;
    }

    private InjectionDecision.Deny? Decide(string? revision) => revision is null ? null : PinTo((HubReference)Reference, revision);

    private InjectionDecision.Deny? Compare(NamedModel use, bool isOfAnnotation, AdmissionWarnings warnings)
    {
        var hub = (HubReference)Reference;
        var revision = use.Revision ?? HubReference.DefaultRevision;
        if (hub.RevisionOrDefault == revision || (use.RevisionIsBorrowed && isOfAnnotation))
            return null;
        if (use.Role != ModelRole.Model)
        {
            warnings.Add($"the {use.Role.ToString().ToLowerInvariant()}'s revision {AdmissionWarnings.Excerpt(revision)} is ignored: a pod sees one version of a model");
            return null;
        }

        return new InjectionDecision.Deny(
            DenyReason.ContradictingRevision,
            $"{hub.Id} is asked for as {hub.RevisionOrDefault}{(isOfAnnotation ? " by the annotation stevedore.dev/model" : "")} "
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
