using Stevedore.Contract.Layout;
using Stevedore.Webhook.Pods;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Injection.Strategies;

/// <summary>The variables that lead one workload to its models; only those that it does not set by itself.</summary>
internal sealed class WorkloadVariables(PlanRequest request, Workload workload)
{
    private const string HubCache = "HF_HUB_CACHE";
    private const string Redirect = "VLLM_MODEL_REDIRECT_PATH";
    private const string OfflineSwitch = "HF_HUB_OFFLINE";

    private static readonly ViewLayout View = new(ViewLayout.DefaultMountPath);

    private readonly List<EnvVariable> _env = [];

    /// <summary>The variables so far.</summary>
    public IReadOnlyList<EnvVariable> All => _env;

    /// <summary>Where the workload finds the Hugging Face cache under a strategy.</summary>
    public static string HubUnder(Strategy strategy, InjectionPolicy policy) =>
        strategy == Strategy.Native ? new CacheLayout(MountPath.Normalise(policy.MountPath)).Hub : View.Hub;

    /// <summary>Whether the variable is one that an earlier injection added, by its value.</summary>
    public static bool IsOurs(EnvVariable variable, Strategy strategy, InjectionPolicy policy) => variable.Name switch
    {
        HubCache => variable.Value == HubUnder(strategy, policy),
        Redirect => variable.Value == View.Redirect,
        _ => false,
    };

    /// <summary>Adds what the workload does not set.</summary>
    public void AddIfAbsent(EnvVariable variable)
    {
        if (!workload.Environment.Sets(variable.Name))
            _env.Add(variable);
    }

    /// <summary>Leads to the Hugging Face cache; false where the workload keeps its own and nothing can be mounted there.</summary>
    /// <param name="hub">Where the cache is.</param>
    /// <param name="mounts">What is mounted so far.</param>
    /// <param name="mountAt">The mount that shows the same cache elsewhere.</param>
    /// <param name="otherwise">What becomes of the models then, for a person.</param>
    public bool AddHubCache(string hub, WorkloadMounts mounts, Func<string, VolumeMount> mountAt, string otherwise)
    {
        if (!workload.Environment.Sets(HubCache))
        {
            _env.Add(new EnvVariable(HubCache, hub));
            return true;
        }

        var own = workload.Environment.ValueOf(HubCache);
        var path = own is not null && own.StartsWith('/') ? MountPath.Normalise(own) : null;
        if (path == hub || (path is not null && mounts.IsFree(path) && mounts.Add(mountAt(path)) is null))
            return true;
        request.Warnings.Add($"{Named} keeps its own {HubCache}, where the models can't be mounted; {otherwise}");
        return false;
    }

    /// <summary>Leads to the redirect file.</summary>
    /// <param name="hasNames">Whether there are models that are found by it alone.</param>
    public void AddRedirect(bool hasNames)
    {
        if (!workload.Environment.Sets(Redirect))
            _env.Add(new EnvVariable(Redirect, View.Redirect));
        else if (hasNames)
            request.Warnings.Add($"{Named} keeps its own {Redirect}, so vLLM won't find models that have other names");
        else if (workload.Command.Lines.Any(line => line.DownloadDirectory is not null))
            request.Warnings.Add($"{Named} keeps its own {Redirect}, so vLLM downloads again into its --download-dir");
    }

    /// <summary>Takes vLLM off the network where that is asked for, and can go well.</summary>
    /// <param name="hasNames">Whether there are models that are found by the redirect file alone.</param>
    /// <param name="showsCache">Whether vLLM looks for Hub models where they are.</param>
    public void AddOffline(bool hasNames, bool showsCache)
    {
        var isSet = workload.Environment.Sets(OfflineSwitch);
        if (isSet && hasNames && workload.Environment.ValueOf(OfflineSwitch) is { } value && IsOn(value))
            request.Warnings.Add($"{Named} sets {OfflineSwitch}, so vLLM won't find models that have other names");
        if (isSet || !(request.Wishes.Offline ?? request.Policy.Offline))
            return;
        if (workload.Command.Unread.Count > 0)
            request.Warnings.Add($"{OfflineSwitch} is not set in {Named}, since part of its command line can't be read");
        else if (hasNames)
            request.Warnings.Add($"{OfflineSwitch} is not set in {Named}: vLLM could not find models that have other names");
        else if (!showsCache)
            request.Warnings.Add($"{OfflineSwitch} is not set in {Named}: the models can't be mounted at its own {HubCache}");
        else
            SwitchOff();
    }

    private void SwitchOff()
    {
        _env.Add(new EnvVariable(OfflineSwitch, "1"));
        if (workload.Command.Lines.All(line => !line.HasServedName))
            request.Warnings.Add($"offline, {Named} reports a path as its model's name; give it --served-model-name");
    }

    private string Named => workload.Quoted;

    /// <summary>As huggingface_hub reads switches.</summary>
    private static bool IsOn(string value) => value.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";
}
