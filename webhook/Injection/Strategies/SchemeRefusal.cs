using Stevedore.Contract.References;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Injection.Strategies;

/// <summary>Models that a strategy can't bring, with the way out.</summary>
internal static class SchemeRefusal
{
    /// <summary>The refusal where one of the models is not of a kind that will do; null where all are.</summary>
    public static InjectionDecision.Deny? Of(PlanRequest request, Predicate<ModelReference> isBrought, string what) =>
        request.Models.References.FirstOrDefault(model => !isBrought(model)) is { } other
            ? new InjectionDecision.Deny(
                DenyReason.SchemeNotSupported,
                $"The strategy {request.Strategy} {what}, and {other} is not among them; {Remedy(request, other)}.")
            : null;

    /// <summary>
    /// The refusal where a model is to be read out of a claim that is a cache of the policy's: there lie the folders of other namespaces too.
    /// </summary>
    public static InjectionDecision.Deny? OfCacheClaims(PlanRequest request)
    {
        var policy = request.Policy;
        var model = policy.Isolation == Isolation.Cluster ? null
            : request.Models.References.OfType<ClaimReference>().FirstOrDefault(claim => policy.Volumes.ClaimNames.Contains(claim.Claim));
        return model is null ? null : new InjectionDecision.Deny(
            DenyReason.ModelNotAllowed,
            $"{model} lies in the claim that the policy \"{policy.Name}\" keeps its cache on, apart for each namespace; "
            + "name the model by where it comes from, such as hf://Qwen/Qwen3-8B.");
    }

    private static string Remedy(PlanRequest request, ModelReference model)
    {
        var strategy = model is ImageReference ? Strategy.Image : request.Policy.AllowedStrategies.FirstOrDefault(Fetches, Strategy.Local);
        return request.Policy.AllowedStrategies.Contains(strategy)
            ? $"write the annotation stevedore.dev/strategy: {strategy}"
            : $"have allowedStrategies of the policy \"{request.Policy.Name}\" name {strategy}, or write another kind of reference";
    }

    private static bool Fetches(Strategy strategy) => strategy is Strategy.Local or Strategy.Shared or Strategy.Node or Strategy.Prepopulated;
}
