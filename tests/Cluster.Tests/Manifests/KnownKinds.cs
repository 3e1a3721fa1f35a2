using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Stevedore.Cluster.Tests.Manifests;

/// <summary>
/// The types of Kubernetes' own OpenAPI description, as KubernetesClient was generated from it, and of other projects' objects what these manifests use
/// of them. A member that a type has not is an error: a misspelt field never reaches a cluster, where it would be dropped.
/// </summary>
internal static class KnownKinds
{
    private static readonly JsonSerializerOptions Strict = new() { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    private static readonly Dictionary<string, Type> Types = Kubernetes().Concat(ForeignKinds.Types).ToDictionary();

    /// <summary>Reads the object into its type.</summary>
    /// <exception cref="JsonException">It has a member that its type has not, or one of another type.</exception>
    /// <exception cref="KeyNotFoundException">Nobody knows the kind.</exception>
    public static object Read(JsonObject manifest) => manifest.Deserialize(Types[$"{manifest["apiVersion"]}/{manifest["kind"]}"], Strict)!;

    private static IEnumerable<KeyValuePair<string, Type>> Kubernetes() =>
        from type in typeof(V1Pod).Assembly.GetTypes()
        let kind = type.GetCustomAttribute<KubernetesEntityAttribute>()
        where kind is not null && typeof(IKubernetesObject<V1ObjectMeta>).IsAssignableFrom(type)
        select KeyValuePair.Create($"{(kind.Group.Length == 0 ? "" : kind.Group + "/")}{kind.ApiVersion}/{kind.Kind}", type);
}
