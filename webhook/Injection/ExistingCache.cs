using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Injection;

/// <summary>Finding pods that keep their Hugging Face cache on a persistent volume already: those are left alone unless they ask.</summary>
internal static class ExistingCache
{
    private const string Default = "/.cache/huggingface/hub";

    private static readonly string[] Variables = ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME", "HOME"];

    /// <summary>Whether what the container downloads lands on a persistent volume of the pod's own.</summary>
    public static bool IsPersistent(Pod pod, Workload workload)
    {
        var persistent = pod.Volumes.Where(volume => volume.IsPersistent).Select(volume => volume.Name).ToHashSet();
        var mounts = workload.Container.Mounts;
        return Places(workload).Select(place => MountPath.Showing(mounts, MountPath.Normalise(place)))
                .Any(mount => mount is not null && persistent.Contains(mount.Volume))
            || (!SaysWhere(workload) && mounts.Any(mount => IsAtDefault(mount) && persistent.Contains(mount.Volume)));
    }

    /// <summary>
    /// Where huggingface_hub keeps models: <c>HF_HUB_CACHE</c>, else <c>HF_HOME</c>, else below the home directory; and where vLLM puts
    /// weights when <c>--download-dir</c> says so.
    /// </summary>
    private static IEnumerable<string> Places(Workload workload)
    {
        var environment = workload.Environment;
        if (environment.ValueOf("HF_HUB_CACHE") is { Length: > 0 } hub)
            yield return hub;
        else if (environment.ValueOf("HUGGINGFACE_HUB_CACHE") is { Length: > 0 } formerly)
            yield return formerly;
        else if (environment.ValueOf("HF_HOME") is { Length: > 0 } home)
            yield return home + "/hub";
        else if (environment.ValueOf("XDG_CACHE_HOME") is { Length: > 0 } cache)
            yield return cache + "/huggingface/hub";
        else if (environment.ValueOf("HOME") is { Length: > 0 } user)
            yield return user + Default;
        else if (!SaysWhere(workload))
            yield return "/root" + Default;
        if (environment.ValueOf("TRANSFORMERS_CACHE") is { Length: > 0 } transformers)
            yield return transformers;
        foreach (var line in workload.Command.Lines)
        {
            if (line.DownloadDirectory is { } directory && directory.StartsWith('/'))
                yield return directory;
        }
    }

    // A value that the pod does not show may well be the default: a volume there says more.
    private static bool SaysWhere(Workload workload) => Variables.Any(name => workload.Environment.ValueOf(name) is { Length: > 0 });

    /// <summary>A mount at <c>~/.cache</c>, or at Hugging Face's part of it, whatever the home of the image's user is.</summary>
    private static bool IsAtDefault(VolumeMount mount)
    {
        var path = MountPath.Normalise(mount.Path);
        return path.EndsWith("/.cache", StringComparison.Ordinal)
            || path.EndsWith("/.cache/huggingface", StringComparison.Ordinal) || path.EndsWith(Default, StringComparison.Ordinal);
    }
}
