using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Injection;

/// <summary>How containers and their parts are written.</summary>
internal static class ContainerJson
{
    /// <summary>The init container.</summary>
    public static void Write(PatchWriter patch, FetchContainer fetcher)
    {
        var json = patch.Json;
        json.WriteStartObject();
        json.WriteString("name", InjectionPlan.FetcherName);
        json.WriteString("image", fetcher.Image);
        if (fetcher.PullPolicy is { } policy)
            json.WriteString("imagePullPolicy", policy.ToString());
        patch.WriteList("args", fetcher.Arguments, json.WriteStringValue);
        patch.WriteList("envFrom", fetcher.Access.EnvFrom, patch.WriteVerbatim);
        patch.WriteList("env", fetcher.Access.Env, variable => Write(patch, variable));
        if (!fetcher.Resources.IsEmpty)
        {
            json.WritePropertyName("resources");
            fetcher.Resources.Write(json);
        }

        patch.WriteList("volumeMounts", fetcher.Mounts, mount => Write(patch, mount));
        json.WritePropertyName("securityContext");
        fetcher.Security.Write(json);
        json.WriteEndObject();
    }

    /// <summary>A variable: as it stands in the pod or the policy, or one of ours.</summary>
    public static void Write(PatchWriter patch, EnvVariable variable)
    {
        if (variable.Json is { } json)
        {
            patch.WriteVerbatim(json);
            return;
        }

        patch.Json.WriteStartObject();
        patch.Json.WriteString("name", variable.Name);
        patch.Json.WriteString("value", variable.Value);
        patch.Json.WriteEndObject();
    }

    /// <summary>A mount.</summary>
    public static void Write(PatchWriter patch, VolumeMount mount)
    {
        var json = patch.Json;
        json.WriteStartObject();
        json.WriteString("name", mount.Volume);
        json.WriteString("mountPath", mount.Path);
        if (mount.ReadOnly)
            json.WriteBoolean("readOnly", true);
        if (mount.SubPath is { } subPath)
            json.WriteString("subPath", subPath);
        if (mount.SubPathExpr is { } expression)
            json.WriteString("subPathExpr", expression);
        json.WriteEndObject();
    }
}
