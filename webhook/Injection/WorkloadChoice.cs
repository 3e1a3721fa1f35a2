using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Injection;

/// <summary>
/// Which containers read models: those that the annotation names; else every one recognised as vLLM; else, where the pod asks by itself, the
/// only one.
/// </summary>
internal static class WorkloadChoice
{
    /// <summary>Chooses.</summary>
    public static Step<IReadOnlyList<Workload>> Choose(Pod pod, IReadOnlyList<string> names, Door door)
    {
        if (names.Count > 0)
            return Named(pod, names);

        var candidates = pod.Containers.Where(container => !MeshProxy.IsProxy(container)).ToList();
        var vllm = candidates.Select(container => Workload.Of(container, isChosen: false)).Where(workload => workload.Command.IsVllm).ToList();
        if (vllm.Count > 0)
            return vllm;
        if (door == Door.Detected)
        {
            return new InjectionDecision.Skip(
                SkipReason.NoVllm, "Nothing was injected: no container is recognised as vLLM.", IsWorthAWarning: false);
        }

        if (candidates.Count == 1)
            return new List<Workload> { Workload.Of(candidates[0], isChosen: true) };
        return new InjectionDecision.Deny(
            DenyReason.AmbiguousContainer,
            $"None of the containers {Listed(candidates)} is recognised as vLLM by its command line or image; "
            + "name those that read the model in the annotation stevedore.dev/containers.");
    }

    private static Step<IReadOnlyList<Workload>> Named(Pod pod, IReadOnlyList<string> names)
    {
        if (names.Except(pod.Containers.Select(container => container.Name)).FirstOrDefault() is { } unknown)
        {
            return new InjectionDecision.Deny(
                DenyReason.UnknownContainer,
                $"Annotation stevedore.dev/containers names \"{unknown}\", and the pod's containers are {Listed(pod.Containers)}.");
        }

        var chosen = names.ToHashSet();
        return pod.Containers.Where(container => chosen.Contains(container.Name))
            .Select(container => Workload.Of(container, isChosen: true)).ToList();
    }

    private static string Listed(IEnumerable<Container> containers) =>
        string.Join(", ", containers.Select(container => $"\"{container.Name}\""));
}
