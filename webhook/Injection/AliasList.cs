using Stevedore.Contract.CommandLine;
using Stevedore.Contract.References;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Injection;

/// <summary>What command lines call the models, while annotation and command lines are brought together.</summary>
internal sealed class AliasList
{
    private readonly List<(RequestedModel Entry, string Alias)> _aliases = [];

    /// <summary>Adds one; the refusal where such a name can't be passed on.</summary>
    public InjectionDecision.Deny? Add(RequestedModel entry, string alias)
    {
        if ((entry.Reference as HubReference)?.Id == alias)
            return null;
        if (ShownText.Hides(alias))
            return Unusable(entry, alias, "an address with credentials or a query can't be passed on; use another name for it");

        // The redirect file separates by white space, "--as" at the last "=", and a mount path has no colon.
        var isUsable = !alias.Contains('=', StringComparison.Ordinal) && !alias.Any(char.IsWhiteSpace)
            && !(alias.StartsWith('/') && alias.Contains(':', StringComparison.Ordinal))
            && ModelAlias.Parse(new ModelAlias(entry.Reference, alias).ToString()) is { IsValid: true };
        if (!isUsable)
            return Unusable(entry, alias, "such a name can't be passed on; use one without white space, \"=\" and, in paths, \":\"");
        _aliases.Add((entry, alias));
        return null;
    }

    /// <summary>All of them, each once, in the order in which they were added.</summary>
    public IReadOnlyList<ModelAlias> ToList() => [.. _aliases.Select(alias => new ModelAlias(alias.Entry.Reference, alias.Alias)).Distinct()];

    /// <summary>In how many directories of other models a model's own lies: it is filled after them, since filling begins with an empty directory.</summary>
    public int DepthOf(RequestedModel entry) =>
        _aliases.Where(alias => alias.Entry == entry).Select(alias => DepthOf(alias.Alias)).DefaultIfEmpty().Max();

    private int DepthOf(string directory) =>
        _aliases.Count(other => other.Alias.StartsWith('/') && other.Alias != directory && MountPath.Covers(other.Alias, directory));

    private static InjectionDecision.Deny Unusable(RequestedModel entry, string alias, string why) => new(
        DenyReason.UnusableName, $"The command line calls {entry.Reference} \"{ShownText.Of(alias)}\", and {why}.");
}
