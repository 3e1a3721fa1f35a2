using k8s;
using k8s.Exceptions;

namespace Stevedore.Webhook.Cluster;

/// <summary>The one connection to the API server, made when the first part asks for it: without self-managed certificates and cluster policies none does.</summary>
internal static class ClusterClient
{
    /// <summary>Registers it.</summary>
    /// <param name="services">The services.</param>
    /// <param name="kubeconfig">A kubeconfig file; null for the pod's ServiceAccount, and outside a cluster for <c>KUBECONFIG</c> or the user's own file.</param>
    public static void AddClusterClient(this IServiceCollection services, string? kubeconfig) =>
        services.AddSingleton<IKubernetes>(_ => Connect(kubeconfig));

    private static Kubernetes Connect(string? kubeconfig)
    {
        try
        {
            return new Kubernetes(kubeconfig is null && KubernetesClientConfiguration.IsInCluster()
                ? KubernetesClientConfiguration.InClusterConfig()
                : KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));
        }
        catch (Exception error) when (error is KubeConfigException or KubernetesClientException or IOException or UnauthorizedAccessException or FormatException)
        {
            throw new ClusterUnknownException(
                $"How to reach the API server can't be told ({error.Message.TrimEnd('.')}); run in a cluster with a ServiceAccount, or name a kubeconfig with --kubeconfig.", error);
        }
    }
}

/// <summary>There is no telling which API server to talk to.</summary>
/// <param name="sentence">What is wrong, and how to mend it.</param>
/// <param name="inner">What the client library found.</param>
internal sealed class ClusterUnknownException(string sentence, Exception inner) : Exception(sentence, inner);
