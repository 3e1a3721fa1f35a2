using Stevedore.Contract.References;
using Stevedore.Webhook.Injection.Strategies;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Injection;

/// <summary>From what is known of a pod to everything that it is given.</summary>
internal static class InjectionPlanner
{
    /// <summary>Plans.</summary>
    public static Step<InjectionPlan> Plan(PlanRequest request)
    {
        var (policy, models) = (request.Policy, request.Models.References);
        if (models.FirstOrDefault(model => !policy.Models.Admit(model)) is { } refused)
            return NotAllowed(refused, policy.Name);
        if (SchemeRefusal.OfCacheClaims(request) is { } cache)
            return cache;
        if (!StrategyPlanners.For(request.Strategy).Plan(request).Continues(out var plan, out var stop))
            return stop;

        var status = InjectionStatus.Write(
            policy,
            request.Strategy,
            models,
            request.Workloads.Select(workload => workload.Container.Name),
            plan.Volumes.Select(volume => volume.Name));
        return new InjectionPlan(plan, MeshProxy.CountBehindWhich(request.Pod.InitContainers), status);
    }

    private static InjectionDecision.Deny NotAllowed(ModelReference model, string policy) => new(
        DenyReason.ModelNotAllowed,
        $"The policy \"{policy}\" does not allow the model {model}; choose another, or have spec.models of that policy changed.");
}
