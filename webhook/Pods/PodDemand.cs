namespace Stevedore.Webhook.Pods;

/// <summary>
/// What a pod asks of the scheduler: the larger of its init containers' peak and what runs side by side
/// (https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers).
/// </summary>
internal static class PodDemand
{
    /// <summary>What an init container may ask for without making the pod ask for more; null where the pod asks for none.</summary>
    /// <param name="pod">The pod without that container.</param>
    /// <param name="position">How many init containers stand in front of it.</param>
    public static ResourceAmounts RoomAt(Pod pod, int position) => new(
        Room(pod, position, amounts => amounts.Cpu),
        Room(pod, position, amounts => amounts.Memory));

    /// <summary>
    /// Whether the pod's quality of service is Guaranteed: limits for CPU and memory everywhere, and requests that equal them.
    /// </summary>
    public static bool IsGuaranteed(Pod pod) => pod.Resources is { } whole
        ? IsGuaranteed(whole)
        : pod.AllContainers.All(container => IsGuaranteed(container.Resources));

    private static bool IsGuaranteed(ContainerResources resources) =>
        resources.Limits is { Cpu: > 0, Memory: > 0 } limits && resources.EffectiveRequests == limits;

    private static decimal? Room(Pod pod, int position, Func<ResourceAmounts, decimal?> amount)
    {
        decimal Request(Container container) => amount(container.Resources.EffectiveRequests) ?? 0;

        decimal sidecars = 0, infront = 0, peak = 0;
        for (var i = 0; i < pod.InitContainers.Count; i++)
        {
            var container = pod.InitContainers[i];
            if (container.IsNativeSidecar)
                sidecars += Request(container);
            else
                peak = Math.Max(peak, sidecars + Request(container));
            if (i < position && container.IsNativeSidecar)
                infront += Request(container);
        }

        var total = Math.Max(pod.Containers.Sum(Request) + sidecars, peak);
        if (pod.Resources is { } whole)
            total = amount(whole.Requests) ?? (total > 0 ? total : amount(whole.Limits) ?? 0);
        var room = total - infront;
        return room > 0 ? room : null;
    }
}
