using System.Text.Json.Nodes;

namespace Stevedore.Webhook.Tests.Injection;

/// <summary>
/// What an API server does to a pod between two calls of a webhook, as far as it touches what is injected: defaults are filled in, empty fields go, and
/// quantities are written its way (k8s.io/kubernetes/pkg/apis/core/v1/defaults.go).
/// </summary>
internal static class ServerDefaults
{
    public static JsonNode FilledIn(JsonNode pod)
    {
        var copy = pod.DeepClone();
        foreach (var volume in List(copy["spec"], "volumes"))
            FillVolume(volume);
        foreach (var container in List(copy["spec"], "initContainers").Concat(List(copy["spec"], "containers")))
        {
            container["imagePullPolicy"] ??= "IfNotPresent";
            container["terminationMessagePath"] ??= "/dev/termination-log";
            container["resources"] ??= new JsonObject();
            foreach (var variable in List(container, "env"))
                FillField(variable["valueFrom"]);
        }

        return copy;
    }

    private static void FillVolume(JsonObject volume)
    {
        foreach (var name in new[] { "downwardAPI", "configMap", "secret", "projected" })
        {
            if (volume[name] is JsonObject source)
                source["defaultMode"] ??= 420;
        }

        foreach (var item in List(volume["downwardAPI"], "items"))
            FillField(item);
        if (volume["hostPath"] is JsonObject path)
            path["type"] ??= "";
        if (volume["persistentVolumeClaim"] is JsonObject claim && claim["readOnly"] is { } readOnly && !(bool)readOnly)
            claim.Remove("readOnly");
        if (volume["emptyDir"] is JsonObject scratch && (string?)scratch["sizeLimit"] is { } size && size.EndsWith("Gi", StringComparison.Ordinal))
            scratch["sizeLimit"] = $"{int.Parse(size[..^2]) * 1024}Mi";
        if (volume["ephemeral"]?["volumeClaimTemplate"] is JsonObject template)
        {
            template["metadata"] = new JsonObject { ["creationTimestamp"] = null };
            template["spec"]!["volumeMode"] = "Filesystem";
        }
    }

    private static void FillField(JsonNode? from)
    {
        if (from?["fieldRef"] is JsonObject field)
            field["apiVersion"] ??= "v1";
    }

    private static IEnumerable<JsonObject> List(JsonNode? parent, string name) => (parent?[name] as JsonArray ?? []).OfType<JsonObject>();
}
