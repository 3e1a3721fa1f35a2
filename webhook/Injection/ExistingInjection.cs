using System.Text.Json;
using Stevedore.Webhook.Injection.Strategies;
using Stevedore.Webhook.Pods;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Injection;

/// <summary>
/// An injection that the pod has been through already: by an earlier call for the same pod, since webhooks are called again when others have
/// changed it, or because somebody copied an injected pod. What we add is taken off before anything is decided, so that the second decision
/// is the first one again; what is there must then equal what would be added. Where a policy has changed between two calls it does not, and the
/// pod is denied: whoever creates it tries again, under the new policy alone.
/// </summary>
/// <param name="Pod">The pod without our container, mounts and variables.</param>
/// <param name="Whole">The pod as it is.</param>
/// <param name="Fetcher">Our init container; null where the pod has none.</param>
internal sealed record ExistingInjection(Pod Pod, Pod Whole, Container? Fetcher)
{
    /// <summary>Takes an injection off.</summary>
    /// <param name="pod">The pod as it is.</param>
    /// <param name="strategy">The strategy that applies to it.</param>
    /// <param name="policy">The policy that applies to it.</param>
    public static ExistingInjection TakeOff(Pod pod, Strategy strategy, InjectionPolicy policy)
    {
        var fetcher = pod.InitContainers.FirstOrDefault(container => container.Name == InjectionPlan.FetcherName);
        var credentials = strategy == Strategy.Native ? PolicyAccess.Credentials(policy) : null;
        var without = pod with
        {
            Containers = [.. pod.Containers.Select(container => WithoutOurs(container, strategy, policy, credentials))],
            InitContainers = [.. pod.InitContainers.Where(container => container != fetcher)],
        };
        return new ExistingInjection(without, pod, fetcher);
    }

    /// <summary>The refusal where another container has the fetcher's name; null where none has.</summary>
    public InjectionDecision.Deny? UseOfItsName() =>
        Whole.Containers.Any(container => container.Name == InjectionPlan.FetcherName)
        || Whole.InitContainers.Count(container => container.Name == InjectionPlan.FetcherName) > 1
            ? Reserved($"a container named {InjectionPlan.FetcherName}")
            : null;

    /// <summary>The refusal where what is there differs from what would be added; null where it does not, or nothing is there.</summary>
    public InjectionDecision.Deny? DifferenceFrom(StrategyPlan plan)
    {
        if (Fetcher is null && plan.Fetcher is not null)
            return UseOfOurNames();
        if (Fetcher is not null)
        {
            if (plan.Fetcher is null)
                return Altered("which this strategy has no use for");
            if (FetcherLikeness.Difference(Fetcher, plan.Fetcher) is { } what)
                return Altered($"with {what} than it would be given");
        }

        foreach (var volume in Whole.Volumes.Where(volume => IsOurs(volume.Name)))
        {
            if (plan.Volumes.FirstOrDefault(planned => planned.Name == volume.Name) is not { } planned || !VolumeLikeness.IsSame(volume, planned))
                return Reserved($"the volume {volume.Name}");
        }

        var workloads = plan.Workloads.ToLookup(workload => workload.Container.Name, workload => workload.Mounts);
        foreach (var container in Whole.AllContainers)
        {
            var planned = container == Fetcher ? plan.Fetcher!.Mounts : workloads[container.Name].FirstOrDefault([]);
            if (container.Mounts.FirstOrDefault(mount => IsOurs(mount.Volume) && !planned.Contains(mount)) is { } mount)
                return Reserved($"a mount of {mount.Volume} at {mount.Path} in container \"{container.Name}\"");
        }

        return null;
    }

    /// <summary>Where nothing of ours was given yet, all that bears our names is the pod's own.</summary>
    private InjectionDecision.Deny? UseOfOurNames()
    {
        if (Whole.Volumes.FirstOrDefault(volume => IsOurs(volume.Name)) is { } volume)
            return Reserved($"the volume {volume.Name}");
        return Whole.AllContainers.SelectMany(container => container.Mounts).FirstOrDefault(mount => IsOurs(mount.Volume)) is { } mount
            ? Reserved($"a mount of {mount.Volume}")
            : null;
    }

    private static Container WithoutOurs(Container container, Strategy strategy, InjectionPolicy policy, JsonElement? credentials)
    {
        // Where a name stands twice, we have not added it: it was not absent.
        var once = container.Env.GroupBy(variable => variable.Name).Where(same => same.Count() == 1).Select(same => same.Key).ToHashSet();
        return container with
        {
            Env = [.. container.Env.Where(variable => !WorkloadVariables.IsOurs(variable, strategy, policy) || !once.Contains(variable.Name))],
            EnvFrom = credentials is { } ours ? [.. container.EnvFrom.Where(entry => !JsonElement.DeepEquals(entry, ours))] : container.EnvFrom,
            Mounts = [.. container.Mounts.Where(mount => !IsOurs(mount.Volume))],
        };
    }

    private static bool IsOurs(string name) => name.StartsWith(InjectionPlan.NamePrefix, StringComparison.Ordinal);

    private static InjectionDecision.Deny Altered(string how) => new(
        DenyReason.FetcherAltered,
        $"The pod has an init container {InjectionPlan.FetcherName} {how}; remove that container and the {InjectionPlan.NamePrefix} volumes and mounts, "
        + "and it is given anew (where a policy has just changed, creating the pod again is enough).");

    private static InjectionDecision.Deny Reserved(string what) => new(
        DenyReason.ReservedName,
        $"The pod brings {what} by itself, and names that begin with {InjectionPlan.NamePrefix} belong to what is injected; use another name.");
}
