using Stevedore.Contract.Layout;
using Stevedore.Contract.References;
using Stevedore.Webhook.CommandLines;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Injection.Strategies;

/// <summary>A model that a volume holds already.</summary>
/// <param name="Reference">The model.</param>
/// <param name="Volume">The volume.</param>
/// <param name="SubPath">Its folder there; null for the volume's root.</param>
internal sealed record MountedModel(ModelReference Reference, PlannedVolume Volume, string? SubPath);

/// <summary>
/// Puts models that are there already where workloads look for them: at the directory that a command line names, else at a path of ours, to which
/// the redirect file leads from the name that it uses.
/// </summary>
internal sealed class MountedModels(PlanRequest request, IReadOnlyList<MountedModel> models)
{
    /// <summary>Below which models lie whose workload names no directory.</summary>
    public const string Root = "/run/stevedore-models";

    /// <summary>The file that leads there.</summary>
    private static readonly VolumeMount RedirectMount = new(InjectionPlan.RedirectVolume, ViewLayout.DefaultMountPath, ReadOnly: true);

    /// <summary>Whether there are any.</summary>
    public bool Any => models.Count > 0;

    /// <summary>The volumes, each once.</summary>
    public IEnumerable<PlannedVolume> Volumes => models.Select(model => model.Volume).DistinctBy(volume => volume.Name);

    /// <summary>The first that a workload calls by a name, and so is found through the redirect file alone; null for none.</summary>
    public MountedModel? Named => models.FirstOrDefault(model => NamesOf(model).Any());

    /// <summary>The claims and images that the pod asks for by name.</summary>
    public static IEnumerable<MountedModel> In(IEnumerable<ModelReference> references)
    {
        var claims = new Dictionary<string, PlannedVolume>();
        foreach (var reference in references)
        {
            switch (reference)
            {
                case ClaimReference claim:
                    if (!claims.TryGetValue(claim.Claim, out var volume))
                        claims[claim.Claim] = volume = new($"{InjectionPlan.ModelVolume}claim-{claims.Count}", VolumeSources.Claim(claim.Claim));
                    yield return new MountedModel(claim, volume, claim.Path.Length > 0 ? claim.Path : null);
                    break;
                case ImageReference image:
                    yield return new MountedModel(image, new(InjectionPlan.ModelVolume + Ordinal(references, image), VolumeSources.Image(image)), null);
                    break;
            }
        }
    }

    /// <summary>Plans a pod that gets nothing else.</summary>
    public Step<StrategyPlan> PlanAlone()
    {
        var lines = RedirectAnnotation.Of(models.SelectMany(model => NamesOf(model).Select(name => (name, PathOf(model)))));
        var additions = new List<WorkloadAdditions>();
        foreach (var workload in request.Workloads)
        {
            var mounts = new WorkloadMounts(workload);
            if ((lines is null ? null : mounts.Add(RedirectMount)) is { } taken)
                return taken;
            if (MountInto(workload, mounts) is { } refused)
                return refused;
            var variables = new WorkloadVariables(request, workload);
            if (lines is not null)
                variables.AddRedirect(hasNames: true);
            variables.AddOffline(hasNames: lines is not null, showsCache: true);
            Warn(workload);
            additions.Add(new WorkloadAdditions(workload.Container, variables.All, mounts.All));
        }

        List<PlannedVolume> volumes = [.. Volumes];
        if (lines is not null)
            volumes.Add(new PlannedVolume(InjectionPlan.RedirectVolume, VolumeSources.Redirect));
        WorkloadDoubts.TellOfUnusedWishes(request);
        return new StrategyPlan(volumes, additions) { Redirect = lines };
    }

    /// <summary>Mounts all of them into one workload; the refusal where something is in the way.</summary>
    public InjectionDecision.Deny? MountInto(Workload workload, WorkloadMounts mounts)
    {
        foreach (var model in models)
        {
            var directories = DirectoriesOf(model).Intersect(workload.Directories).ToList();
            foreach (var directory in directories)
            {
                if (mounts.AddDirectory(MountAt(model, directory)) is { } taken)
                    return taken;
            }

            if ((directories.Count == 0 || NamesOf(model).Any()) && mounts.Add(MountAt(model, PathOf(model))) is { } ours)
                return ours;
        }

        return null;
    }

    private static VolumeMount MountAt(MountedModel model, string path) => new(model.Volume.Name, path, ReadOnly: true, model.SubPath);

    private string PathOf(MountedModel model) => $"{Root}/{Ordinal(request.Models.References, model.Reference)}";

    private IEnumerable<string> DirectoriesOf(MountedModel model) =>
        request.Models.Aliases.Where(alias => alias.IsDirectory && alias.Reference == model.Reference).Select(alias => alias.Alias);

    /// <summary>What workloads call it, besides directories; a model of the Hub is called by its id unless it has a directory.</summary>
    private IEnumerable<string> NamesOf(MountedModel model)
    {
        var names = request.Models.Aliases.Where(alias => !alias.IsDirectory && alias.Reference == model.Reference).Select(alias => alias.Alias);
        return model.Reference is HubReference hub && !DirectoriesOf(model).Any() ? names.Prepend(hub.Id) : names;
    }

    private void Warn(Workload workload)
    {
        foreach (var unread in workload.Command.Unread)
            request.Warnings.Add($"{AdmissionWarnings.Excerpt(unread)} in {workload.Quoted} can't be read here; models that it names are not mounted");
        // vLLM looks an adapter up as a path, and then at the Hub; the redirect file is for models (vllm/lora/utils.py).
        foreach (var adapter in workload.Command.Lines.SelectMany(line => line.Models).Where(model => model.Role == ModelRole.Lora))
        {
            if (ModelName.Of(adapter.Text, workload) is not ModelName.Directory)
                request.Warnings.Add($"the adapter {AdmissionWarnings.Excerpt(adapter.Text)} is not redirected: give --lora-modules a directory for it");
        }
    }

    private static int Ordinal(IEnumerable<ModelReference> references, ModelReference reference) => references.TakeWhile(other => other != reference).Count();
}
