using System.Text.Json;
using Stevedore.Contract;

namespace Stevedore.Webhook.Policies.Reading;

/// <summary>
/// Reads volume sources. They are passed on as they are written; looked at is only what Kubernetes would refuse in every pod of the policy, in
/// the kinds that caches are made of.
/// </summary>
internal static class VolumeReader
{
    /// <summary>The kinds of k8s.io/api/core/v1 <c>VolumeSource</c> that can hold a cache; those that show an API object can't.</summary>
    public static readonly IReadOnlyList<string> Kinds =
    [
        "persistentVolumeClaim", "nfs", "hostPath", "csi", "emptyDir", "ephemeral", "cephfs", "glusterfs", "azureFile", "azureDisk", "iscsi", "fc",
        "rbd", "cinder", "awsElasticBlockStore", "gcePersistentDisk", "vsphereVolume", "portworxVolume", "scaleIO", "storageos", "quobyte",
        "photonPersistentDisk", "flocker", "flexVolume",
    ];

    /// <summary>Reads the common volume and those by strategy.</summary>
    public static CacheVolumes Read(Fields spec, PolicyProblems problems)
    {
        var common = Source(spec, "volume", problems);
        var volumes = spec.Object("volumes");
        var byStrategy = new Dictionary<Strategy, VolumeSource>();
        foreach (var strategy in Enum.GetValues<Strategy>().Where(strategy => strategy != Strategy.Image))
        {
            if (Source(volumes, strategy.ToString(), problems) is not { } own)
                continue;
            byStrategy[strategy] = own;
            if (!CacheVolumes.Suits(strategy, own))
                volumes.Wrong(strategy.ToString(), Unsuited(strategy, own));
        }

        return new CacheVolumes(common, byStrategy);
    }

    /// <summary>Why a strategy can't work on a volume.</summary>
    public static string Unsuited(Strategy strategy, VolumeSource volume) => volume.IsOwn
        ? $"is {volume.Kind}, which ends with the pod, and {strategy} keeps models for others; write persistentVolumeClaim, nfs, hostPath or csi."
        : $"is {volume.Kind}, which others read too, and {strategy} is a cache of the pod's own; write emptyDir or ephemeral, or choose Shared.";

    private static VolumeSource? Source(Fields parent, string name, PolicyProblems problems)
    {
        if (parent.Verbatim(name) is not { } json)
            return null;
        var at = $"{parent.Path}.{name}";
        var members = json.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null).ToList();
        if (members is not [var only])
        {
            problems.Add(at, $"has {members.Count} volume sources; write exactly one, such as persistentVolumeClaim: {{claimName: models}}.");
            return null;
        }

        if (!Kinds.Contains(only.Name))
            problems.Add($"{at}.{only.Name}", $"is no volume that can hold a cache; {NearestName.Advice(only.Name, [.. Kinds.Take(6)])}");
        else if (only.Value.ValueKind != JsonValueKind.Object)
            problems.Add($"{at}.{only.Name}", "must be an object.");
        else
            CheckMembers(only.Name, new Fields(only.Value, $"{at}.{only.Name}", problems));
        return new VolumeSource(only.Name, json);
    }

    /// <summary>Whatever else is written there is the API server's matter: these fields are not closed.</summary>
    private static void CheckMembers(string kind, Fields source)
    {
        switch (kind)
        {
            case "persistentVolumeClaim":
                source.Required("claimName", source.Parse("claimName", KubernetesNames.Object), "name the claim, which must exist in each namespace");
                break;
            case "nfs":
                source.Required("server", source.Text("server"), "name the server");
                source.Required("path", source.Parse("path", Absolute), "write the exported path");
                break;
            case "hostPath":
                source.Required("path", source.Parse("path", Absolute), "write a path of the node");
                break;
            case "csi":
                source.Required("driver", source.Text("driver"), "name the driver");
                break;
        }
    }

    private static Parsed<string> Absolute(string text) => text.StartsWith('/') && !text.Split('/').Contains("..")
        ? text
        : Parsed<string>.Wrong($"is {Quoted.Text(text)}; write an absolute path without \"..\".");
}
