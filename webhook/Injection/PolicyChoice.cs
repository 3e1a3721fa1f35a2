using Stevedore.Webhook.Pods;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Injection;

/// <summary>
/// Which policy applies to a pod: the one that its annotation names, else the one that its namespace's label names, else the first by rank that
/// selects it. A name is no way around a selector: what is named must select the pod too.
/// </summary>
internal static class PolicyChoice
{
    private const string Name = "policy";
    private const int MostNamesShown = 10;

    /// <summary>Chooses.</summary>
    public static Step<InjectionPolicy> For(PodRequest request, PodHeader pod, PolicySet policies)
    {
        var place = LabelsOf(request);
        Step<InjectionPolicy> found = Named(pod, place) is var (name, where)
            ? ByName(request, pod, place, policies, name, where)
            : policies.Choose(place, pod.Labels);
        return found.Value is { Injection: InjectionSwitch.Disabled, Name: var closed }
            ? new InjectionDecision.Skip(SkipReason.PolicyDisabled, $"Nothing was injected: the policy \"{closed}\" says injection: Disabled.", pod.Asks)
            : found;
    }

    private static Step<InjectionPolicy> ByName(
        PodRequest request, PodHeader pod, IReadOnlyDictionary<string, string> place, PolicySet policies, string name, string where)
    {
        if (string.Equals(name, InjectionPolicy.BuiltInName, StringComparison.OrdinalIgnoreCase))
            return BuiltIn(policies.Choose(place, pod.Labels), where);
        if (policies.Named(name) is not { } policy)
            return new InjectionDecision.Deny(DenyReason.PolicyNotFound, $"{where} asks for the policy \"{name}\", and {Known(policies)}.");
        if (!policy.NamespaceSelector.Matches(place))
            return NotFor(policy, where, $"namespace {request.Namespace}");
        return policy.PodSelector.Matches(pod.Labels) ? policy : NotFor(policy, where, "this pod");
    }

    /// <summary>The built-in rules are what is left where no policy applies; nobody can choose them over one that does.</summary>
    private static Step<InjectionPolicy> BuiltIn(InjectionPolicy chosen, string where) => chosen == InjectionPolicy.BuiltIn
        ? chosen
        : new InjectionDecision.Deny(
            DenyReason.PolicyNotForPod,
            $"{where} asks for the policy \"{InjectionPolicy.BuiltInName}\", and \"{chosen.Name}\" is for this pod; name that or leave it out.");

    private static InjectionDecision.Deny NotFor(InjectionPolicy policy, string where, string what) => new(
        DenyReason.PolicyNotForPod,
        $"{where} asks for the policy \"{policy.Name}\", and its selectors leave {what} out; name another, or have the policy select it.");

    private static (string Name, string Where)? Named(PodHeader pod, IReadOnlyDictionary<string, string> place)
    {
        if (pod.Annotations.TryGetValue(Name, out var own) && !string.IsNullOrWhiteSpace(own))
            return (own.Trim(), $"Annotation {PodHeader.Prefix}{Name}");
        return place.TryGetValue(PodHeader.Prefix + Name, out var label) && label.Length > 0
            ? (label, $"The namespace's label {PodHeader.Prefix}{Name}")
            : null;
    }

    private static string Known(PolicySet policies)
    {
        var names = policies.Ranked.Select(policy => policy.Name).Order(StringComparer.Ordinal).ToList();
        return names switch
        {
            [] => $"there is only \"{InjectionPolicy.BuiltInName}\"; write that or leave it out",
            { Count: <= MostNamesShown } => $"there are {string.Join(", ", names)}; name one of them or leave it out",
            _ => $"none of the {names.Count} policies has that name; kubectl get mcpol lists them",
        };
    }

    /// <summary>
    /// A namespace's name is always known, and Kubernetes makes it a label of every namespace: a policy can select by it even where no cluster
    /// tells the others.
    /// </summary>
    private static IReadOnlyDictionary<string, string> LabelsOf(PodRequest request) => request.NamespaceLabels.ContainsKey(LabelSelector.NamespaceName)
        ? request.NamespaceLabels
        : new Dictionary<string, string>(request.NamespaceLabels) { [LabelSelector.NamespaceName] = request.Namespace };
}
