namespace Stevedore.Webhook.Policies.Reading;

/// <summary>What must be right between the fields of a policy. A field that could not be read is compared with nothing.</summary>
internal static class PolicyRules
{
    /// <summary>Checks all of them.</summary>
    public static void Check(InjectionPolicy policy, PolicyProblems problems)
    {
        CheckStrategies(policy, problems);
        if (policy.Isolation == Isolation.Cluster && policy.Models.Allow.Count == 0 && problems.NoneAt("spec.models"))
        {
            problems.Add(
                "spec.isolation",
                "is Cluster, where one namespace reads what another fetched and the Hub's gating is not asked again; list what all may read in spec.models.allow.");
        }
    }

    private static void CheckStrategies(InjectionPolicy policy, PolicyProblems problems)
    {
        if (!problems.NoneAt("spec.strategy", "spec.allowedStrategies"))
            return;
        if (!policy.AllowedStrategies.Contains(policy.Strategy))
            problems.Add("spec.allowedStrategies", $"leaves out {policy.Strategy}, which spec.strategy says; add it, or choose another there.");
        if (!problems.NoneAt("spec.volume", "spec.volumes"))
            return;
        var common = policy.Volumes.Common;
        var hasOwn = policy.Volumes.ByStrategy.ContainsKey(policy.Strategy);
        if (common is not null && !hasOwn && policy.Strategy != Strategy.Image && !CacheVolumes.Suits(policy.Strategy, common))
        {
            problems.Add("spec.volume", VolumeReader.Unsuited(policy.Strategy, common));
            return;
        }

        foreach (var strategy in policy.AllowedStrategies.Where(strategy => strategy != Strategy.Image && policy.Volumes.For(strategy) is null))
            problems.Add($"spec.volumes.{strategy}", $"is missing, since {strategy} is allowed; write its volume here or in spec.volume.");
    }
}
