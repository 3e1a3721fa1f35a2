namespace Stevedore.Webhook.Pods;

/// <summary>
/// A service mesh's proxy beside the workload: never what serves a model, and what decides whether an init container has a network.
/// </summary>
/// <param name="Name">The container's name.</param>
/// <param name="Redirector">The init container that sends the pod's traffic through the proxy; where it is missing, a CNI plugin has done so
/// before any container.</param>
/// <param name="Uid">The uid whose traffic is left alone, where the proxy's own says nothing.</param>
internal sealed record MeshProxy(string Name, string Redirector, long Uid)
{
    // Istio, Linkerd, Kuma, Consul, App Mesh: the names and uids that their injectors give unless told otherwise.
    private static readonly MeshProxy[] Known =
    [
        new("istio-proxy", "istio-init", 1337),
        new("linkerd-proxy", "linkerd-init", 2102),
        new("kuma-sidecar", "kuma-init", 5678),
        new("consul-dataplane", "consul-connect-inject-init", 5995),
        new("envoy", "proxyinit", 1337),
    ];

    /// <summary>Whether the container is a proxy by its name, of a mesh or not: it serves no model.</summary>
    public static bool IsProxy(Container container) => Array.Exists(Known, mesh => mesh.Name == container.Name);

    /// <summary>
    /// The mesh whose proxy the container is; null for none. Many a pod has an Envoy of its own that redirects nothing: under that name the
    /// image must be App Mesh's.
    /// </summary>
    public static MeshProxy? Of(Container container) => Array.Find(Known, mesh => mesh.Name == container.Name
        && (mesh.Name != "envoy" || container.Image?.Contains("appmesh", StringComparison.Ordinal) == true));

    /// <summary>
    /// How many init containers stand in front of one that needs the network: those up to the last proxy that is a native sidecar.
    /// </summary>
    public static int CountBehindWhich(IReadOnlyList<Container> initContainers)
    {
        for (var i = initContainers.Count; i > 0; i--)
        {
            if (initContainers[i - 1] is { IsNativeSidecar: true } sidecar && Of(sidecar) is not null)
                return i;
        }

        return 0;
    }

    /// <summary>
    /// The uid that an init container needs to have a network although the proxy starts only later and a CNI plugin redirects from the
    /// beginning (https://istio.io/latest/docs/setup/additional-setup/cni/#compatibility-with-application-init-containers); null where that
    /// is not so.
    /// </summary>
    public static long? UidThatPasses(Pod pod)
    {
        foreach (var container in pod.Containers)
        {
            if (Of(container) is { } mesh && !pod.InitContainers.Any(init => init.Name == mesh.Redirector))
                return container.Security.RunAsUser is > 0 and var uid ? uid : mesh.Uid;
        }

        return null;
    }
}
