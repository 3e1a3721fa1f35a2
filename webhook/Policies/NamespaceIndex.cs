namespace Stevedore.Webhook.Policies;

/// <summary>
/// Which policies can select a namespace, without looking at each. Most selectors ask for a label with certain values: such a policy is filed
/// under these, and is found by the labels that a namespace has. What asks for no such label is a candidate always.
/// </summary>
internal sealed class NamespaceIndex
{
    private readonly Dictionary<(string Key, string Value), List<int>> _byLabel = [];
    private readonly List<int> _always = [];

    /// <summary>Files the policies under their ranks.</summary>
    public NamespaceIndex(IReadOnlyList<InjectionPolicy> ranked)
    {
        for (var rank = 0; rank < ranked.Count; rank++)
        {
            if (MostTelling(ranked[rank].NamespaceSelector) is not { } requirement)
            {
                _always.Add(rank);
                continue;
            }

            foreach (var value in requirement.Values.Distinct())
            {
                if (!_byLabel.TryGetValue((requirement.Key, value), out var ranks))
                    _byLabel[(requirement.Key, value)] = ranks = [];
                ranks.Add(rank);
            }
        }
    }

    /// <summary>The ranks of policies that may select the namespace, the best first, each once.</summary>
    public IEnumerable<int> CandidatesFor(IReadOnlyDictionary<string, string> labels)
    {
        List<int>? found = null;
        foreach (var (key, value) in labels)
        {
            if (_byLabel.TryGetValue((key, value), out var ranks))
                (found ??= [.. _always]).AddRange(ranks);
        }

        found?.Sort();
        return found ?? _always;
    }

    /// <summary>The label that a namespace must have, with the fewest values that will do.</summary>
    private static LabelRequirement? MostTelling(LabelSelector selector) =>
        selector.Requirements.Where(requirement => requirement.Operator == LabelOperator.In).MinBy(requirement => requirement.Values.Count);
}
