using System.Text.Json;
using System.Text.Json.Nodes;
using Stevedore.Contract.References;
using Stevedore.Contract.Values;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Injection.Strategies;

/// <summary>A volume of ours.</summary>
/// <param name="Name">Its name in the pod.</param>
/// <param name="Source">What stands beside the name.</param>
internal sealed record PlannedVolume(string Name, VolumeSource Source);

/// <summary>The kinds of volumes that are not a policy's own words.</summary>
internal static class VolumeSources
{
    /// <summary>A file of the redirect's lines, out of the pod's own annotation: no ConfigMap, and no container has to write it.</summary>
    public static readonly VolumeSource Redirect = Of("downwardAPI", $$"""
        {"items":[{"path":"redirect","fieldRef":{"fieldPath":"metadata.annotations['{{RedirectAnnotation.FullName}}']"} }]}
        """);

    /// <summary>A folder that comes and goes with the pod.</summary>
    public static readonly VolumeSource Scratch = Of("emptyDir", "{}");

    /// <summary>The emptyDir with a size of its own, unless it has one.</summary>
    public static VolumeSource EmptyDir(VolumeSource emptyDir, ByteSize size)
    {
        var whole = JsonNode.Parse(emptyDir.Json.GetRawText())!.AsObject();
        var inner = whole["emptyDir"] as JsonObject;
        if (inner?["sizeLimit"] is not null)
            return emptyDir;
        inner ??= [];
        inner["sizeLimit"] = size.ToString();
        return Of("emptyDir", inner.ToJsonString());
    }

    /// <summary>The claim, for reading alone: not even a debugging container can write to it through this volume.</summary>
    public static VolumeSource Claim(string name) => Of("persistentVolumeClaim", $$"""{"claimName":{{Quoted(name)}},"readOnly":true}""");

    /// <summary>The image, pulled when Kubernetes would by itself; said outright, so that nobody need guess.</summary>
    public static VolumeSource Image(ImageReference image) => Of(
        "image", $$"""{"reference":{{Quoted(image.Image)}},"pullPolicy":"{{(image.Image.EndsWith(":latest", StringComparison.Ordinal) ? "Always" : "IfNotPresent")}}"}""");

    /// <summary>The file of certificate authorities.</summary>
    public static VolumeSource Authorities(CaBundle bundle) => Of(
        "configMap", $$"""{"name":{{Quoted(bundle.ConfigMapName)}},"items":[{"key":{{Quoted(bundle.Key)}},"path":"{{PolicyAccess.BundleFile}}"}]}""");

    private static VolumeSource Of(string kind, string json) => new(kind, JsonElement.Parse($$"""{"{{kind}}":{{json}}}"""));

    private static string Quoted(string text) => JsonValue.Create(text).ToJsonString();
}
