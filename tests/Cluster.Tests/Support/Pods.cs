using k8s.Models;

namespace Stevedore.Cluster.Tests.Support;

/// <summary>Who made a pod; each leaves its marks in the pod's metadata.</summary>
public enum Maker
{
    Nobody,
    Deployment,
    StatefulSet,
    Job,
}

/// <summary>vLLM pods as people and controllers create them.</summary>
internal static class Pods
{
    public const string Model = "hf://Qwen/Qwen3-8B@main";

    /// <summary>A pod that runs vLLM and says nothing of Stevedore.</summary>
    public static V1Pod Vllm(Maker maker = Maker.Nobody)
    {
        var pod = new V1Pod
        {
            Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { ["app"] = "llm" }, Annotations = new Dictionary<string, string>() },
            Spec = new V1PodSpec
            {
                SecurityContext = new V1PodSecurityContext { RunAsNonRoot = true, RunAsUser = 2000, SeccompProfile = new V1SeccompProfile { Type = "RuntimeDefault" } },
                Containers =
                [
                    new V1Container
                    {
                        Name = "vllm",
                        Image = "vllm/vllm-openai:v0.11.0",
                        Command = ["vllm", "serve"],
                        Args = ["Qwen/Qwen3-8B"],
                        SecurityContext = new V1SecurityContext { AllowPrivilegeEscalation = false, Capabilities = new V1Capabilities { Drop = ["ALL"] } },
                    },
                ],
            },
        };
        MarkAs(maker, pod);
        return pod;
    }

    /// <summary>A pod that runs something else.</summary>
    public static V1Pod Other()
    {
        var pod = Vllm();
        pod.Spec.Containers[0].Image = "busybox:1.37";
        pod.Spec.Containers[0].Name = "shell";
        pod.Spec.Containers[0].Command = ["sleep"];
        pod.Spec.Containers[0].Args = ["infinity"];
        return pod;
    }

    /// <summary>The same pod with an annotation of ours.</summary>
    public static V1Pod Saying(this V1Pod pod, string name, string value)
    {
        pod.Metadata.Annotations[$"stevedore.dev/{name}"] = value;
        return pod;
    }

    /// <summary>The same pod with the label of ours.</summary>
    public static V1Pod Labelled(this V1Pod pod, string inject)
    {
        pod.Metadata.Labels["stevedore.dev/inject"] = inject;
        return pod;
    }

    /// <summary>The pod that a controller makes from a template.</summary>
    public static V1Pod Of(V1PodTemplateSpec template, Maker maker)
    {
        var pod = new V1Pod
        {
            Metadata = new V1ObjectMeta
            {
                Labels = new Dictionary<string, string>(template.Metadata?.Labels ?? new Dictionary<string, string>()),
                Annotations = new Dictionary<string, string>(template.Metadata?.Annotations ?? new Dictionary<string, string>()),
            },
            Spec = template.Spec,
        };
        MarkAs(maker, pod);
        return pod;
    }

    // As kube-controller-manager fills them in: pkg/controller/controller_utils.go, stateful_set_utils.go, job_controller.go.
    private static void MarkAs(Maker maker, V1Pod pod)
    {
        pod.Metadata.GenerateName = "llm-";
        switch (maker)
        {
            case Maker.Deployment:
                pod.Metadata.GenerateName = "llm-7d9c5bd4f6-";
                pod.Metadata.Labels["pod-template-hash"] = "7d9c5bd4f6";
                Own(pod, "apps/v1", "ReplicaSet", "llm-7d9c5bd4f6");
                break;
            case Maker.StatefulSet:
                (pod.Metadata.Name, pod.Metadata.GenerateName) = ($"llm-{Guid.NewGuid():N}"[..12], "llm-");
                pod.Metadata.Labels["statefulset.kubernetes.io/pod-name"] = pod.Metadata.Name;
                pod.Metadata.Labels["apps.kubernetes.io/pod-index"] = "0";
                (pod.Spec.Hostname, pod.Spec.Subdomain) = (pod.Metadata.Name, "llm");
                Own(pod, "apps/v1", "StatefulSet", "llm");
                break;
            case Maker.Job:
                pod.Metadata.Labels["batch.kubernetes.io/job-name"] = "llm";
                pod.Metadata.Finalizers = ["batch.kubernetes.io/job-tracking"];
                pod.Spec.RestartPolicy = "Never";
                Own(pod, "batch/v1", "Job", "llm");
                break;
        }
    }

    private static void Own(V1Pod pod, string version, string kind, string name) =>
        pod.Metadata.OwnerReferences = [new V1OwnerReference { ApiVersion = version, Kind = kind, Name = name, Uid = Guid.NewGuid().ToString(), Controller = true, BlockOwnerDeletion = true }];
}
