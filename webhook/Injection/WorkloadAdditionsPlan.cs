using Stevedore.Contract.Layout;
using Stevedore.Webhook.Pods;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Injection;

/// <summary>
/// What a container gets so that vLLM finds its models: the cache and the view, read-only, and the variables that lead there.
/// </summary>
internal sealed class WorkloadAdditionsPlan(InjectionPolicy policy, PodWishes wishes, ModelSet models, AdmissionWarnings warnings)
{
    private const string HubCache = "HF_HUB_CACHE";
    private const string Redirect = "VLLM_MODEL_REDIRECT_PATH";
    private const string OfflineSwitch = "HF_HUB_OFFLINE";

    private static readonly ViewLayout View = new(ViewLayout.DefaultMountPath);
    private static readonly string HubSubPath = new ViewLayout("").Hub;

    /// <summary>Whether the variable is one that an earlier injection added, by its value.</summary>
    public static bool IsOurs(EnvVariable variable) =>
        (variable.Name == HubCache && variable.Value == View.Hub) || (variable.Name == Redirect && variable.Value == View.Redirect);

    /// <summary>Plans one container.</summary>
    public Step<WorkloadAdditions> For(Workload workload)
    {
        var cache = MountPath.Normalise(policy.MountPath);
        List<VolumeMount> mounts =
        [
            new(InjectionPlan.CacheVolume, cache, ReadOnly: true),
            new(InjectionPlan.ViewVolume, View.Root, ReadOnly: true),
        ];
        foreach (var directory in DirectoriesOf(workload))
        {
            if (mounts.Take(2).FirstOrDefault(mount => MountPath.Touches(mount.Path, directory)) is { } ours)
            {
                return new InjectionDecision.Deny(
                    DenyReason.PathTaken,
                    $"No model can be mounted at {directory}, since {ours.Volume} is at {ours.Path}; call it by another path.");
            }

            // A directory inside another's shows up there by itself.
            if (!mounts.Exists(mount => MountPath.Covers(mount.Path, directory)))
                mounts.Add(new VolumeMount(InjectionPlan.ViewVolume, directory, ReadOnly: true, ViewLayout.SubPathFor(directory)));
        }

        foreach (var mount in mounts)
        {
            if (workload.TakenBy(mount.Path) is { } taken)
                return Taken(mount.Path, workload, taken.Path);
        }

        var env = new List<EnvVariable>();
        var showsCache = AddHubCache(workload, env, mounts);
        AddRedirect(workload, env);
        AddOffline(workload, env, showsCache);
        WarnOfOptions(workload);
        return new WorkloadAdditions(workload.Container, env, mounts);
    }

    /// <summary>The directories among the aliases that this container's command line names, the outer ones first.</summary>
    private IEnumerable<string> DirectoriesOf(Workload workload)
    {
        var named = workload.Command.Lines.SelectMany(line => line.Models)
            .Select(model => ModelName.Of(model.Text, workload)).OfType<ModelName.Directory>().Select(directory => directory.Path).ToHashSet();
        return models.Aliases.Where(alias => alias.IsDirectory && named.Contains(alias.Alias)).Select(alias => alias.Alias)
            .OrderBy(path => path.Length);
    }

    /// <summary>Leads to the view; false where the workload looks for models elsewhere.</summary>
    private bool AddHubCache(Workload workload, List<EnvVariable> env, List<VolumeMount> mounts)
    {
        if (!workload.Environment.Sets(HubCache))
        {
            env.Add(new EnvVariable(HubCache, View.Hub));
            return true;
        }

        var own = workload.Environment.ValueOf(HubCache);
        var path = own is not null && own.StartsWith('/') ? MountPath.Normalise(own) : null;
        if (path == View.Hub)
            return true;
        var isFree = path is not null and not "/" && !path.Contains(':', StringComparison.Ordinal)
            && workload.TakenBy(path) is null && !mounts.Exists(mount => MountPath.Touches(mount.Path, path));
        if (isFree)
            mounts.Add(new VolumeMount(InjectionPlan.ViewVolume, path!, ReadOnly: true, HubSubPath));
        else
            warnings.Add($"{Named(workload)} keeps its own {HubCache}, where the models can't be mounted; vLLM finds them by redirect");
        return isFree;
    }

    private void AddRedirect(Workload workload, List<EnvVariable> env)
    {
        if (!workload.Environment.Sets(Redirect))
            env.Add(new EnvVariable(Redirect, View.Redirect));
        else if (models.Aliases.Any(alias => !alias.IsDirectory))
            warnings.Add($"{Named(workload)} keeps its own {Redirect}, so vLLM won't find models that have other names");
        else if (workload.Command.Lines.Any(line => line.DownloadDirectory is not null))
            warnings.Add($"{Named(workload)} keeps its own {Redirect}, so vLLM downloads again into its --download-dir");
    }

    private void AddOffline(Workload workload, List<EnvVariable> env, bool showsCache)
    {
        var hasOtherNames = models.Aliases.Any(alias => !alias.IsDirectory);
        var isSet = workload.Environment.Sets(OfflineSwitch);
        if (isSet && hasOtherNames && workload.Environment.ValueOf(OfflineSwitch) is { } value && IsOn(value))
            warnings.Add($"{Named(workload)} sets {OfflineSwitch}, so vLLM won't find models that have other names");
        if (isSet || !(wishes.Offline ?? policy.Offline))
            return;
        if (workload.Command.Unread.Count > 0)
            warnings.Add($"{OfflineSwitch} is not set in {Named(workload)}, since part of its command line can't be read");
        else if (hasOtherNames)
            warnings.Add($"{OfflineSwitch} is not set in {Named(workload)}: vLLM could not find models that have other names");
        else if (!showsCache)
            warnings.Add($"{OfflineSwitch} is not set in {Named(workload)}: the models can't be mounted at its own {HubCache}");
        else
            Switch(workload, env);
    }

    private void Switch(Workload workload, List<EnvVariable> env)
    {
        env.Add(new EnvVariable(OfflineSwitch, "1"));
        if (workload.Command.Lines.All(line => !line.HasServedName))
            warnings.Add($"offline, {Named(workload)} reports a path as its model's name; give it --served-model-name");
    }

    private void WarnOfOptions(Workload workload)
    {
        foreach (var unread in workload.Command.Unread)
            warnings.Add($"{AdmissionWarnings.Excerpt(unread)} in {Named(workload)} can't be read here; models that it names are not fetched");
        foreach (var line in workload.Command.Lines)
        {
            if (line.HasToken)
                warnings.Add($"--hf-token of {Named(workload)} is not passed on; put the token into HF_TOKEN");
            if (line.LoadFormat is "pt" or "npcache" or "gguf" or "mistral" && wishes.Include.Count == 0)
                warnings.Add($"--load-format {line.LoadFormat} needs files that are left out by default; set stevedore.dev/include");
        }
    }

    private static string Named(Workload workload) => $"\"{AdmissionWarnings.Excerpt(workload.Container.Name)}\"";

    /// <summary>As huggingface_hub reads switches.</summary>
    private static bool IsOn(string value) => value.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";

    private static InjectionDecision.Deny Taken(string path, Workload workload, string by) => new(
        DenyReason.PathTaken,
        $"{path} in container \"{workload.Container.Name}\" can't be mounted, since the mount at {by} is in its way; move that mount.");
}
