using Stevedore.Contract.References;

namespace Stevedore.Webhook.Injection.Strategies;

/// <summary><c>Lazy</c>: a CSI driver brings bytes when they are read; the pod gets the driver's volume, a folder for each of its models.</summary>
internal sealed class LazyPlanner : IStrategyPlanner
{
    /// <inheritdoc/>
    public Step<StrategyPlan> Plan(PlanRequest request)
    {
        if (SchemeRefusal.Of(request, model => model is not ImageReference, "mounts models that a CSI driver loads") is { } refused)
            return refused;
        var volume = new PlannedVolume(InjectionPlan.CacheVolume, CacheSite.SourceOf(request));
        var models = new List<MountedModel>(MountedModels.In(request.Models.References));
        foreach (var model in request.Models.References.Where(model => model is not ClaimReference))
            models.Add(new MountedModel(model, volume, request.Policy.LazyPath.Of(model, request.Namespace)));
        return new MountedModels(request, models).PlanAlone();
    }
}
