using Stevedore.Contract.CommandLine;
using Stevedore.Contract.Layout;
using Stevedore.Webhook.Pods;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Injection;

/// <summary>From what is known of a pod to everything that it is given.</summary>
internal static class InjectionPlanner
{
    /// <summary>Plans.</summary>
    /// <param name="pod">The pod without an earlier injection.</param>
    /// <param name="policy">The cluster's rules.</param>
    /// <param name="wishes">What the pod asks for.</param>
    /// <param name="workloads">The containers that read models.</param>
    /// <param name="models">The models.</param>
    /// <param name="image">The fetcher's image.</param>
    /// <param name="warnings">What a person should know.</param>
    public static Step<InjectionPlan> Plan(
        Pod pod,
        InjectionPolicy policy,
        PodWishes wishes,
        IReadOnlyList<Workload> workloads,
        ModelSet models,
        string image,
        AdmissionWarnings warnings)
    {
        var additions = new List<WorkloadAdditions>();
        var planned = new WorkloadAdditionsPlan(policy, wishes, models, warnings);
        foreach (var workload in workloads)
        {
            if (!planned.For(workload).Continues(out var forOne, out var stop))
                return stop;
            additions.Add(forOne);
        }

        if (!Inheritance.From(pod, workloads, models.References, warnings).Continues(out var access, out var refusal))
            return refusal;

        var position = MeshProxy.CountBehindWhich(pod.InitContainers);
        List<VolumeMount> mounts =
        [
            new(InjectionPlan.CacheVolume, MountPath.Normalise(policy.MountPath), ReadOnly: false),
            new(InjectionPlan.ViewVolume, ViewLayout.DefaultMountPath, ReadOnly: false),
        ];
        if (access.Mounts.FirstOrDefault(mount => mounts.Exists(own => MountPath.Touches(own.Path, MountPath.Normalise(mount.Path)))) is { } taken)
        {
            return new InjectionDecision.Deny(
                DenyReason.PathTaken,
                $"The fetcher needs the mount at {taken.Path}, where its cache and its view would be; mount that volume elsewhere.");
        }

        var fetcher = new FetchContainer(
            image,
            Arguments(policy, wishes, models, access),
            access,
            [.. mounts, .. access.Mounts],
            FetcherSecurity.ForLocal(pod, workloads[0].Container),
            FetcherResources.For(pod, position, wishes));
        List<PlannedVolume> volumes = [new(InjectionPlan.CacheVolume, wishes.SizeHint), new(InjectionPlan.ViewVolume, null)];
        var status = InjectionStatus.Write(
            policy,
            wishes.Strategy,
            models.References,
            workloads.Select(workload => workload.Container.Name),
            volumes.Select(volume => volume.Name));
        return new InjectionPlan(fetcher, position, volumes, additions, status);
    }

    private static IReadOnlyList<string> Arguments(InjectionPolicy policy, PodWishes wishes, ModelSet models, InheritedAccess access)
    {
        var command = new FetchCommand(models.References, MountPath.Normalise(policy.MountPath))
        {
            View = ViewLayout.DefaultMountPath,
            Aliases = models.Aliases,
            Include = wishes.Include,
            Exclude = wishes.Exclude,
            Refresh = wishes.Refresh ?? FetchCommand.DefaultRefresh,
            CaBundle = access.CaBundle,
        };
        return [.. command.ToArguments().Select(CommandLines.KubernetesReferences.Escape)];
    }
}
