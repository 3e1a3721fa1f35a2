using System.Buffers;
using System.Text.Json;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Injection;

/// <summary>
/// Whether an init container of a pod is the one that was planned. Other webhooks may have added variables and mounts to it, as they do to every
/// container; where it fills a cache that others read, none that steer it.
/// </summary>
internal static class FetcherLikeness
{
    /// <summary>What differs, for a sentence with "than it would be given"; null where nothing does.</summary>
    public static string? Difference(Container fetcher, FetchContainer planned) =>
        fetcher.Image != planned.Image ? "another image"
        : fetcher.Command.Count > 0 ? "a command of its own rather"
        : !fetcher.Args.SequenceEqual(planned.Arguments) ? "other arguments"
        : fetcher.IsNativeSidecar ? "another restart policy"
        : !IsSame(fetcher.Security, planned.Security) ? "another security context"
        : planned.FillsSharedCache ? Steering(fetcher, planned)
        : null;

    private static string? Steering(Container fetcher, FetchContainer planned)
    {
        var env = planned.Access.Env.ToLookup(variable => variable.Name);
        foreach (var variable in fetcher.Env.Where(variable => SharedCacheGuard.Steers(variable.Name)))
        {
            if (!env[variable.Name].Any(ours => IsSame(variable, ours)))
                return $"another variable {AdmissionWarnings.Excerpt(variable.Name)}";
        }

        // Each must be as planned, too: one taken away may uncover what stood behind it.
        foreach (var ours in planned.Access.Env)
        {
            if (!fetcher.Env.Any(variable => variable.Name == ours.Name))
                return $"no variable {AdmissionWarnings.Excerpt(ours.Name)}, other";
        }

        if (fetcher.EnvFrom.Any(entry => !planned.Access.EnvFrom.Any(ours => JsonElement.DeepEquals(ours, entry))))
            return "another envFrom";
        return fetcher.Mounts.FirstOrDefault(mount => !planned.Mounts.Contains(mount) && IsInTheWay(mount, planned)) is { } mount
            ? $"another mount at {AdmissionWarnings.Excerpt(mount.Path)}"
            : null;
    }

    private static bool IsInTheWay(VolumeMount mount, FetchContainer planned)
    {
        var path = MountPath.Normalise(mount.Path);
        return SharedCacheGuard.HidesTheProgram(path) || planned.Mounts.Any(ours => MountPath.Touches(MountPath.Normalise(ours.Path), path));
    }

    /// <summary>The API server writes <c>apiVersion: v1</c> into a fieldRef that has none.</summary>
    private static bool IsSame(EnvVariable there, EnvVariable ours) => ours.Json is { } json
        ? JsonElement.DeepEquals(there.Json!.Value, json) || FieldOf(there) is { } path && path == FieldOf(ours)
        : there.Value == ours.Value;

    private static string? FieldOf(EnvVariable variable) =>
        JsonShape.Text(JsonShape.Object(JsonShape.Object(variable.Json ?? default, "valueFrom"), "fieldRef"), "fieldPath");

    private static bool IsSame(SecurityContext there, FetcherSecurity planned)
    {
        if (there.Json is not { } json)
            return false;
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
            planned.Write(writer);
        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return JsonElement.DeepEquals(json, document.RootElement);
    }
}
