using System.Text.Json.Nodes;

namespace Stevedore.Demo.Pods;

/// <summary>A pod's volumes as folders of this machine: what a kubelet mounts, a path in a container's arguments is mapped to instead.</summary>
/// <param name="folder">Holds a folder a volume, named like it.</param>
internal sealed class PodVolumes(string folder)
{
    /// <summary>Where it lies.</summary>
    public string Folder => folder;

    /// <summary>Where a volume lies.</summary>
    public string Of(string volume) => Path.Combine(folder, volume);

    /// <summary>A container's mounts and the folders that stand for them, the longest path first.</summary>
    public IReadOnlyList<(string MountPath, string Folder)> MountsOf(JsonNode container) =>
    [
        .. container["volumeMounts"]!.AsArray()
            .Select(mount => (
                MountPath: Text(mount, "mountPath")!,
                Folder: Path.Combine(Of(Text(mount, "name")!), Text(mount, "subPath") ?? "")))
            .OrderByDescending(mount => mount.MountPath.Length),
    ];

    /// <summary>The text with a path below one of the mounts mapped; any other text as it is.</summary>
    public string Map(JsonNode container, string text)
    {
        foreach (var (mountPath, target) in MountsOf(container))
        {
            if (text == mountPath)
                return target;
            if (text.StartsWith(mountPath + "/", StringComparison.Ordinal))
                return target + text[mountPath.Length..];
        }

        return text;
    }

    private static string? Text(JsonNode? node, string name) => node![name]?.GetValue<string>();
}
