using System.Text.Json;
using Stevedore.Contract.CommandLine;
using Stevedore.Contract.References;
using Stevedore.Webhook.Pods;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Injection.Strategies;

/// <summary><c>Native</c>: vLLM downloads by itself, into the policy's volume and with the policy's credentials; nothing of ours runs in the pod.</summary>
internal sealed class NativePlanner : IStrategyPlanner
{
    /// <summary>Where Python's clients look for certificate authorities.</summary>
    private static readonly string[] BundleVariables = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"];

    /// <inheritdoc/>
    public Step<StrategyPlan> Plan(PlanRequest request)
    {
        if (SchemeRefusal.Of(request, model => IsLoaded(request, model), "leaves hf:// models to vLLM") is { } refused)
            return refused;
        var mounted = new MountedModels(request, [.. MountedModels.In(request.Models.References)]);
        var loaded = request.Models.References.Where(model => model is not ClaimReference).ToList();
        if (loaded.Count == 0)
            return mounted.PlanAlone();
        if (mounted.Named is { } named)
            return Unusable(named.Reference, "a name");
        if (request.Models.Aliases.FirstOrDefault(alias => alias.Reference is HubReference) is { } other)
            return Unusable(other.Reference, $"\"{ShownText.Of(other.Alias)}\"");

        if (!CacheSite.For(request).Continues(out var site, out var noSite))
            return noSite;
        if (site.IsShared && ForeignEndpoint.RefusalOf(request) is { } foreign)
            return foreign;
        var additions = new List<WorkloadAdditions>();
        foreach (var workload in request.Workloads)
        {
            if (!AdditionsFor(request, workload, site, mounted).Continues(out var forOne, out var taken))
                return taken;
            additions.Add(forOne);
        }

        WarnOfRevisions(request, loaded);
        WorkloadDoubts.TellOfUnusedWishes(request);
        return new StrategyPlan([.. VolumesOf(request, site), .. mounted.Volumes], additions);
    }

    /// <summary>vLLM finds the Hub's models by their ids, and streams from an address that its own command line names.</summary>
    private static bool IsLoaded(PlanRequest request, ModelReference model) => model is HubReference or ClaimReference
        || (model is not ImageReference && request.Models.Aliases.Any(alias => alias.Reference == model && IsAddress(alias)));

    private static bool IsAddress(ModelAlias alias) => ModelReference.Parse(alias.Alias) is { IsValid: true } address && address.Value == alias.Reference;

    private static Step<WorkloadAdditions> AdditionsFor(PlanRequest request, Workload workload, CacheSite site, MountedModels mounted)
    {
        var (policy, mounts) = (request.Policy, new WorkloadMounts(workload));
        if ((mounts.Add(site.Mount(site.MountPath, readOnly: false)) ?? mounted.MountInto(workload, mounts)) is { } taken)
            return taken;
        var variables = new WorkloadVariables(request, workload);
        variables.AddHubCache(
            WorkloadVariables.HubUnder(Strategy.Native, policy), mounts, path => site.Mount(path, readOnly: false, "hub"), "it downloads there");
        foreach (var variable in PolicyAccess.Variables(policy))
            variables.AddIfAbsent(variable);
        if (policy.CaBundle is not null)
        {
            if (mounts.Add(PolicyAccess.BundleMount) is { } inTheWay)
                return inTheWay;
            foreach (var name in BundleVariables)
                variables.AddIfAbsent(new EnvVariable(name, $"{PolicyAccess.BundleFolder}/{PolicyAccess.BundleFile}"));
        }

        if (request.Wishes.Offline ?? policy.Offline)
            request.Warnings.Add("HF_HUB_OFFLINE is not set: with the strategy Native vLLM downloads by itself");
        IReadOnlyList<JsonElement> envFrom = PolicyAccess.Credentials(policy) is { } credentials ? [credentials] : [];
        return new WorkloadAdditions(workload.Container, variables.All, mounts.All) { EnvFrom = envFrom };
    }

    private static IEnumerable<PlannedVolume> VolumesOf(PlanRequest request, CacheSite site)
    {
        yield return site.Volume;
        if (request.Policy.CaBundle is { } bundle)
            yield return new PlannedVolume(InjectionPlan.BundleVolume, VolumeSources.Authorities(bundle));
    }

    /// <summary>What the annotation alone says of a revision reaches nobody: the command line is never changed.</summary>
    private static void WarnOfRevisions(PlanRequest request, List<ModelReference> loaded)
    {
        var written = request.Workloads.SelectMany(workload => workload.Command.Lines).SelectMany(line => line.Models)
            .Select(model => model.Revision).ToHashSet();
        foreach (var hub in loaded.OfType<HubReference>().Where(hub => hub.Revision is { } revision && !written.Contains(revision)))
        {
            if (hub.Revision != HubReference.DefaultRevision)
                request.Warnings.Add($"with Native vLLM loads main of {AdmissionWarnings.Excerpt(hub.Id)}, unless --revision says {AdmissionWarnings.Excerpt(hub.Revision!)}");
        }
    }

    private static InjectionDecision.Deny Unusable(ModelReference model, string name) => new(
        DenyReason.UnusableName,
        $"The command line calls {model} {name}, and under the strategy Native vLLM downloads what it calls by its id on the Hub; "
        + "use that id, or another strategy.");
}
