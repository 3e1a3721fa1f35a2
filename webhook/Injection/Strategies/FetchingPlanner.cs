using Stevedore.Contract.Layout;
using Stevedore.Contract.References;
using Stevedore.Webhook.Pods;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Injection.Strategies;

/// <summary>What tells the strategies apart that have an init container.</summary>
/// <param name="Downloads">Whether the fetcher may fill the cache; else it waits for it and checks it.</param>
/// <param name="PlacesPods">Whether the pod is drawn to nodes that hold its models.</param>
internal sealed record FetchingTraits(bool Downloads, bool PlacesPods);

/// <summary><c>Local</c>, <c>Shared</c>, <c>Node</c> and <c>Prepopulated</c>: an init container makes sure of the cache and fills the view.</summary>
internal sealed class FetchingPlanner(FetchingTraits traits) : IStrategyPlanner
{
    private static readonly ViewLayout View = new(ViewLayout.DefaultMountPath);
    private static readonly string HubSubPath = new ViewLayout("").Hub;

    /// <inheritdoc/>
    public Step<StrategyPlan> Plan(PlanRequest request)
    {
        if (SchemeRefusal.Of(request, model => model is not ImageReference, "brings hf://, s3://, https://, file:// and pvc:// models") is { } refused)
            return refused;
        var mounted = new MountedModels(request, [.. MountedModels.In(request.Models.References)]);
        var fetched = request.Models.References.Where(model => model is not ClaimReference).ToList();
        if (fetched.Count == 0)
            return mounted.PlanAlone();
        if (mounted.Named is { } named)
            return NeedsDirectory(named, fetched[0]);

        if (!CacheSite.For(request).Continues(out var site, out var noSite))
            return noSite;
        var additions = new List<WorkloadAdditions>();
        foreach (var workload in request.Workloads)
        {
            if (!AdditionsFor(request, workload, site, mounted).Continues(out var forOne, out var taken))
                return taken;
            additions.Add(forOne);
        }

        if (!FetcherFor(request, site, fetched).Continues(out var fetcher, out var noFetcher))
            return noFetcher;
        return new StrategyPlan([.. VolumesOf(request, site, fetcher), .. mounted.Volumes], additions)
        {
            Fetcher = fetcher,
            Nodes = traits.PlacesPods ? NodesFor(request, site, fetched) : null,
        };
    }

    /// <summary>The redirect file is the fetcher's, which does not know where a claim is mounted.</summary>
    private static InjectionDecision.Deny NeedsDirectory(MountedModel named, ModelReference fetched) => new(
        DenyReason.UnusableName,
        $"{named.Reference} is mounted and {fetched} is fetched, and then a mounted model is found by its directory alone; "
        + "have the command line call it by one, such as /models/base.");

    private static Step<WorkloadAdditions> AdditionsFor(PlanRequest request, Workload workload, CacheSite site, MountedModels mounted)
    {
        var mounts = new WorkloadMounts(workload);
        if ((mounts.Add(site.Mount(site.MountPath, readOnly: true)) ?? mounts.Add(ViewAt(View.Root, null))) is { } taken)
            return taken;
        var named = workload.Directories.ToHashSet();
        var outer = new List<string>();
        foreach (var alias in request.Models.Aliases.Where(alias => named.Contains(alias.Alias) && alias.Reference is not ClaimReference)
            .OrderBy(alias => alias.Alias.Length))
        {
            // A directory inside another's shows up there by itself.
            if (outer.Exists(directory => MountPath.Covers(directory, alias.Alias)))
                continue;
            if (mounts.AddDirectory(ViewAt(alias.Alias, ViewLayout.SubPathFor(alias.Alias))) is { } inTheWay)
                return inTheWay;
            outer.Add(alias.Alias);
        }

        if (mounted.MountInto(workload, mounts) is { } noRoom)
            return noRoom;
        var variables = new WorkloadVariables(request, workload);
        var hasNames = request.Models.Aliases.Any(alias => !alias.IsDirectory);
        var showsCache = variables.AddHubCache(View.Hub, mounts, path => ViewAt(path, HubSubPath), "vLLM finds them by redirect");
        variables.AddRedirect(hasNames);
        variables.AddOffline(hasNames, showsCache);
        WorkloadDoubts.Tell(request, workload);
        return new WorkloadAdditions(workload.Container, variables.All, mounts.All);
    }

    private Step<FetchContainer> FetcherFor(PlanRequest request, CacheSite site, List<ModelReference> fetched)
    {
        if (!(traits.Downloads ? FetcherAccessPlan.ForDownloads(request, site, fetched) : FetcherAccessPlan.ForLooking(request.Policy))
            .Continues(out var access, out var stop))
        {
            return stop;
        }

        List<VolumeMount> mounts =
        [
            new(InjectionPlan.CacheVolume, site.MountPath, ReadOnly: !traits.Downloads),
            new(InjectionPlan.ViewVolume, View.Root, ReadOnly: false),
        ];
        if (access.Mounts.FirstOrDefault(mount => mounts.Exists(own => MountPath.Touches(own.Path, MountPath.Normalise(mount.Path)))) is { } taken)
        {
            return new InjectionDecision.Deny(
                DenyReason.PathTaken,
                $"The fetcher needs the mount at {taken.Path}, where its cache and its view would be; mount that volume elsewhere.");
        }

        var rules = request.Policy.Fetcher;
        if (site.IsShared && traits.Downloads && MeshProxy.UidThatPasses(request.Pod) is not null)
            request.Warnings.Add("the mesh's proxy starts after the fetcher, which has no network then; make it a native sidecar");
        return new FetchContainer(
            rules.Image ?? request.FetcherImage,
            rules.ImagePullPolicy,
            FetcherArguments.Of(request, site, fetched, access, traits.Downloads),
            access,
            [.. mounts, .. access.Mounts],
            site.IsShared
                ? new FetcherSecurity(rules.RunAsUser, rules.RunAsGroup)
                : FetcherSecurity.ForLocal(request.Pod, request.Workloads[0].Container),
            FetcherResources.For(request, site.TakesDiskOfTheNode ? request.Wishes.SizeHint : null))
        {
            FillsSharedCache = site.IsShared && traits.Downloads,
        };
    }

    private static IEnumerable<PlannedVolume> VolumesOf(PlanRequest request, CacheSite site, FetchContainer fetcher)
    {
        yield return site.Volume;
        yield return new PlannedVolume(InjectionPlan.ViewVolume, VolumeSources.Scratch);
        if (fetcher.Access.Mounts.Contains(PolicyAccess.BundleMount) && request.Policy.CaBundle is { } bundle)
            yield return new PlannedVolume(InjectionPlan.BundleVolume, VolumeSources.Authorities(bundle));
    }

    private static NodePreference NodesFor(PlanRequest request, CacheSite site, List<ModelReference> fetched) => new(
        [.. fetched.Select(model => ModelNodeLabel.KeyFor(
            model, request.Wishes.Include, request.Wishes.Exclude, site.IdentityUnder(request.Policy))).Distinct()],
        request.Policy.NodePlacement == NodePlacement.Required);

    private static VolumeMount ViewAt(string path, string? subPath) => new(InjectionPlan.ViewVolume, path, ReadOnly: true, subPath);
}
