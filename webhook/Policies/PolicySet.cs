namespace Stevedore.Webhook.Policies;

/// <summary>All policies in force, at one moment: never changed, only replaced.</summary>
internal sealed class PolicySet
{
    /// <summary>No policy but the built-in one.</summary>
    public static readonly PolicySet Empty = new([]);

    private readonly InjectionPolicy[] _ranked;
    private readonly Dictionary<string, InjectionPolicy> _byName;
    private readonly NamespaceIndex _index;

    /// <summary>Ranks and indexes them.</summary>
    /// <exception cref="ArgumentException">Two have the same name.</exception>
    public PolicySet(IEnumerable<InjectionPolicy> policies)
    {
        _ranked = [.. policies.OrderByDescending(policy => policy.Priority).ThenBy(policy => policy.Name, StringComparer.Ordinal)];
        _byName = _ranked.ToDictionary(policy => policy.Name, StringComparer.OrdinalIgnoreCase);
        _index = new NamespaceIndex(_ranked);
    }

    /// <summary>By rank: the first that selects a pod is the one that applies.</summary>
    public IReadOnlyList<InjectionPolicy> Ranked => _ranked;

    /// <summary>The policy of that name, or null; the built-in one is none of them.</summary>
    public InjectionPolicy? Named(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The policy that applies where neither the pod nor its namespace names one; the built-in one where none selects the pod.</summary>
    public InjectionPolicy Choose(IReadOnlyDictionary<string, string> namespaceLabels, IReadOnlyDictionary<string, string> podLabels)
    {
        foreach (var rank in _index.CandidatesFor(namespaceLabels))
        {
            var policy = _ranked[rank];
            if (policy.NamespaceSelector.Matches(namespaceLabels) && policy.PodSelector.Matches(podLabels))
                return policy;
        }

        return InjectionPolicy.BuiltIn;
    }
}
