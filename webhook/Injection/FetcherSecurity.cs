using System.Text.Json;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Injection;

/// <summary>As whom the fetcher runs; the rest is what the restricted Pod Security Standard asks for.</summary>
/// <param name="Uid">Never root.</param>
/// <param name="Gid">Null for the pod's own or the image's.</param>
internal sealed record FetcherSecurity(long Uid, long? Gid)
{
    /// <summary>The uid where the pod names none, or root: "nonroot" of the distroless images.</summary>
    public const long Nobody = 65532;

    /// <summary>
    /// For a cache of the pod's own: the workload's uid, since some clusters allow only uids of a range; the mesh's where nothing else has a
    /// network.
    /// </summary>
    public static FetcherSecurity ForLocal(Pod pod, Container workload)
    {
        if (MeshProxy.UidThatPasses(pod) is { } uid)
            return new FetcherSecurity(uid, null);
        return (workload.Security.RunAsUser ?? pod.Security.RunAsUser) is > 0 and var own
            ? new FetcherSecurity(own, workload.Security.RunAsGroup)
            : new FetcherSecurity(Nobody, Nobody);
    }

    /// <summary>Writes the container's <c>securityContext</c>.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("runAsNonRoot", true);
        writer.WriteNumber("runAsUser", Uid);
        if (Gid is { } gid)
            writer.WriteNumber("runAsGroup", gid);
        writer.WriteBoolean("allowPrivilegeEscalation", false);
        writer.WriteBoolean("readOnlyRootFilesystem", true);
        writer.WriteStartObject("capabilities");
        writer.WriteStartArray("drop");
        writer.WriteStringValue("ALL");
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteStartObject("seccompProfile");
        writer.WriteString("type", "RuntimeDefault");
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
