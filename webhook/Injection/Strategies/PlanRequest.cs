using Stevedore.Webhook.Pods;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Injection.Strategies;

/// <summary>What planning starts from: everything that is known of a pod once it is known what it asks for.</summary>
/// <param name="Pod">The pod without an earlier injection.</param>
/// <param name="Namespace">Where it is to live.</param>
/// <param name="Policy">The cluster's rules for it.</param>
/// <param name="Wishes">What it asks for, the strategy among it.</param>
/// <param name="Workloads">The containers that read models.</param>
/// <param name="Models">The models.</param>
/// <param name="FetcherImage">The fetcher's image where the policy names none.</param>
/// <param name="Server">Which Kubernetes will run the pod; null where that is not known.</param>
/// <param name="Warnings">What a person should know.</param>
internal sealed record PlanRequest(
    Pod Pod,
    string Namespace,
    InjectionPolicy Policy,
    PodWishes Wishes,
    IReadOnlyList<Workload> Workloads,
    ModelSet Models,
    string FetcherImage,
    Version? Server,
    AdmissionWarnings Warnings)
{
    /// <summary>Who fills the cache.</summary>
    public Strategy Strategy => Wishes.Strategy;
}
