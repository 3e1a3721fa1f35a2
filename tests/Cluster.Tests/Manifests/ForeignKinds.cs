using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using k8s.Models;

namespace Stevedore.Cluster.Tests.Manifests;

/// <summary>
/// Of the kinds that Kubernetes does not describe itself, the fields that these manifests use, as their projects' API references name them
/// (https://cert-manager.io/docs/reference/api-docs/, https://prometheus-operator.dev/docs/api-reference/api/). Our own policy's
/// fields are the webhook's business: its reader judges them, and the API server by the CRD.
/// </summary>
internal static class ForeignKinds
{
    public static readonly Dictionary<string, Type> Types = new()
    {
        ["cert-manager.io/v1/Certificate"] = typeof(Foreign<Certificate>),
        ["cert-manager.io/v1/Issuer"] = typeof(Foreign<Issuer>),
        ["monitoring.coreos.com/v1/PodMonitor"] = typeof(Foreign<PodMonitor>),
        ["monitoring.coreos.com/v1/PrometheusRule"] = typeof(Foreign<PrometheusRule>),
        ["stevedore.dev/v1alpha1/ModelCachePolicy"] = typeof(Foreign<JsonObject>),
    };

    internal sealed record Foreign<T>(
        [property: JsonPropertyName("apiVersion")] string ApiVersion,
        [property: JsonPropertyName("kind")] string Kind,
        [property: JsonPropertyName("metadata")] V1ObjectMeta Metadata,
        [property: JsonPropertyName("spec"), JsonRequired] T Spec);

    internal sealed record Issuer([property: JsonPropertyName("selfSigned")] JsonObject? SelfSigned, [property: JsonPropertyName("ca")] SecretReference? Ca);

    internal sealed record SecretReference([property: JsonPropertyName("secretName"), JsonRequired] string SecretName);

    internal sealed record Certificate(
        [property: JsonPropertyName("secretName"), JsonRequired] string SecretName,
        [property: JsonPropertyName("issuerRef"), JsonRequired] IssuerReference IssuerRef,
        [property: JsonPropertyName("isCA")] bool IsCa,
        [property: JsonPropertyName("commonName")] string? CommonName,
        [property: JsonPropertyName("dnsNames")] IReadOnlyList<string>? DnsNames,
        [property: JsonPropertyName("usages")] IReadOnlyList<string>? Usages,
        [property: JsonPropertyName("duration")] string? Duration,
        [property: JsonPropertyName("renewBefore")] string? RenewBefore,
        [property: JsonPropertyName("privateKey")] PrivateKey? PrivateKey);

    internal sealed record IssuerReference([property: JsonPropertyName("kind")] string Kind, [property: JsonPropertyName("name"), JsonRequired] string Name);

    internal sealed record PrivateKey(
        [property: JsonPropertyName("algorithm")] string Algorithm,
        [property: JsonPropertyName("size")] int Size,
        [property: JsonPropertyName("rotationPolicy")] string? RotationPolicy);

    internal sealed record PodMonitor(
        [property: JsonPropertyName("selector"), JsonRequired] V1LabelSelector Selector,
        [property: JsonPropertyName("podMetricsEndpoints"), JsonRequired] IReadOnlyList<Endpoint> Endpoints);

    internal sealed record Endpoint(
        [property: JsonPropertyName("port")] string Port, [property: JsonPropertyName("path")] string Path, [property: JsonPropertyName("interval")] string Interval);

    internal sealed record PrometheusRule([property: JsonPropertyName("groups"), JsonRequired] IReadOnlyList<RuleGroup> Groups);

    internal sealed record RuleGroup(
        [property: JsonPropertyName("name"), JsonRequired] string Name, [property: JsonPropertyName("rules"), JsonRequired] IReadOnlyList<Alert> Rules);

    internal sealed record Alert(
        [property: JsonPropertyName("alert"), JsonRequired] string Name,
        [property: JsonPropertyName("expr"), JsonRequired] string Expression,
        [property: JsonPropertyName("for")] string? For,
        [property: JsonPropertyName("labels")] IReadOnlyDictionary<string, string> Labels,
        [property: JsonPropertyName("annotations")] IReadOnlyDictionary<string, string> Annotations);
}
