using k8s.Models;

namespace Stevedore.Cluster.Tests.Manifests;

/// <summary>The pods that an object is or makes.</summary>
internal static class PodSpecs
{
    /// <summary>Its pod template, with the object's namespace; null where it makes no pods.</summary>
    public static V1PodTemplateSpec? TemplateOf(object manifest) => manifest switch
    {
        V1Pod pod => new V1PodTemplateSpec { Metadata = pod.Metadata, Spec = pod.Spec },
        V1Deployment deployment => deployment.Spec.Template,
        V1StatefulSet set => set.Spec.Template,
        V1DaemonSet set => set.Spec.Template,
        V1Job job => job.Spec.Template,
        V1CronJob cron => cron.Spec.JobTemplate.Spec.Template,
        _ => null,
    };

    /// <summary>Every container of a pod, whatever its kind.</summary>
    public static IEnumerable<V1Container> Containers(V1PodSpec pod) => (pod.InitContainers ?? []).Concat(pod.Containers);

    /// <summary>
    /// What the restricted Pod Security Standard finds wrong with a pod (https://kubernetes.io/docs/concepts/security/pod-security-standards/), its
    /// volume rules aside: the API server's own admission judges those for the namespace that they are in.
    /// </summary>
    public static IEnumerable<string> AgainstRestricted(V1PodSpec pod)
    {
        var own = pod.SecurityContext;
        if (pod.HostNetwork == true || pod.HostPID == true || pod.HostIPC == true)
            yield return "the pod uses a namespace of its host";
        foreach (var container in Containers(pod))
        {
            var context = container.SecurityContext ?? new V1SecurityContext();
            if (context.AllowPrivilegeEscalation != false)
                yield return $"{container.Name}: allowPrivilegeEscalation is not false";
            if (context.Privileged == true)
                yield return $"{container.Name}: privileged";
            if (context.Capabilities?.Drop?.Contains("ALL") != true || (context.Capabilities.Add ?? []).Except(["NET_BIND_SERVICE"]).Any())
                yield return $"{container.Name}: capabilities are not dropped";
            if ((context.RunAsNonRoot ?? own?.RunAsNonRoot) != true || (context.RunAsUser ?? own?.RunAsUser) == 0)
                yield return $"{container.Name}: may run as root";
            if ((context.SeccompProfile ?? own?.SeccompProfile)?.Type is not ("RuntimeDefault" or "Localhost"))
                yield return $"{container.Name}: no seccomp profile";
        }
    }
}
