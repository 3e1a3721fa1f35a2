using System.Text.Json.Nodes;

namespace Stevedore.Webhook.Preview;

/// <summary>Where the kinds that make pods keep what they make them of.</summary>
internal static class PodTemplates
{
    private static readonly Dictionary<(string Group, string Kind), string[]> Paths = new()
    {
        [("", "Pod")] = [""],
        [("", "PodTemplate")] = ["/template"],
        [("", "ReplicationController")] = ["/spec/template"],
        [("apps", "Deployment")] = ["/spec/template"],
        [("apps", "StatefulSet")] = ["/spec/template"],
        [("apps", "DaemonSet")] = ["/spec/template"],
        [("apps", "ReplicaSet")] = ["/spec/template"],
        [("batch", "Job")] = ["/spec/template"],
        [("batch", "CronJob")] = ["/spec/jobTemplate/spec/template"],
        [("leaderworkerset.x-k8s.io", "LeaderWorkerSet")] =
            ["/spec/leaderWorkerTemplate/leaderTemplate", "/spec/leaderWorkerTemplate/workerTemplate"],
    };

    /// <summary>The JSON pointers of an object's pods, whichever version of its group it is written in; none where it makes no pods.</summary>
    public static IEnumerable<string> In(JsonObject document)
    {
        var apiVersion = Text(document, "apiVersion");
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        var group = slash < 0 ? "" : apiVersion[..slash];
        return Paths.GetValueOrDefault((group, Text(document, "kind")), []).Where(path => At(document, path) is not null);
    }

    /// <summary>The pod that is, or would be made, at a pointer.</summary>
    public static JsonObject Pod(JsonObject document, string path)
    {
        var template = At(document, path)!;
        var pod = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Pod" };
        foreach (var (key, value) in template.Where(member => member.Key is not ("apiVersion" or "kind")))
            pod[key] = value?.DeepClone();
        return pod;
    }

    private static JsonObject? At(JsonObject document, string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries)
        .Aggregate((JsonNode?)document, (node, key) => (node as JsonObject)?[key]) as JsonObject;

    private static string Text(JsonObject document, string key) => document[key] is JsonValue value && value.TryGetValue(out string? text) ? text : "";
}
