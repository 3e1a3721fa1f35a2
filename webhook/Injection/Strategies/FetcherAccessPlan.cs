using System.Text.Json;
using Stevedore.Contract.References;
using Stevedore.Webhook.Pods;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Injection.Strategies;

/// <summary>With what the fetcher reaches the sources: the policy's word, and what the pod may add to it.</summary>
internal static class FetcherAccessPlan
{
    /// <summary>Plans it for a fetcher that downloads.</summary>
    /// <param name="request">What is known.</param>
    /// <param name="site">The cache.</param>
    /// <param name="models">What is fetched.</param>
    public static Step<FetcherAccess> ForDownloads(PlanRequest request, CacheSite site, IReadOnlyList<ModelReference> models)
    {
        if (site.IsShared && ForeignEndpoint.RefusalOf(request) is { } foreign)
            return foreign;
        if (!Inheritance.From(request.Pod, request.Workloads, models, site.IsShared, request.Warnings).Continues(out var own, out var stop))
            return stop;

        var policy = request.Policy;
        var byPolicy = PolicyAccess.Variables(policy);
        List<EnvVariable> env = [.. policy.Fetcher.Env];
        List<JsonElement> envFrom = [];
        if (site.IsShared)
        {
            // Of two entries of one name the later counts, unless the key that it names is missing: so the pod's own credentials go before the policy's.
            var certain = own.Env.Where(variable => !CredentialKeys.IsOptional(variable)).Select(variable => variable.Name).ToHashSet();
            var keys = policy.CredentialsSecret is { } secret ? CredentialKeys.OfSecret(secret).Where(key => !certain.Contains(key.Name)) : [];
            env = [.. FetcherMark.Variables, .. env, .. byPolicy];
            env.AddRange(Absent([.. keys, .. own.Env], env));
        }
        else
        {
            env.AddRange(Absent(own.Env, env));
            env.AddRange(Absent(byPolicy, env));
            envFrom.AddRange(PolicyAccess.Credentials(policy) is { } credentials ? [credentials] : []);
            // What stands later wins: the pod's own.
            envFrom.AddRange(own.EnvFrom.Where(entry => !envFrom.Exists(there => JsonElement.DeepEquals(there, entry))));
        }

        return own.CaBundle is null && policy.CaBundle is not null
            ? new FetcherAccess(env, envFrom, [PolicyAccess.BundleMount, .. own.Mounts], $"{PolicyAccess.BundleFolder}/{PolicyAccess.BundleFile}")
            : own with { Env = env, EnvFrom = envFrom };
    }

    /// <summary>Plans it for a fetcher that only looks: it gets no credentials and no way out, since it needs none.</summary>
    public static FetcherAccess ForLooking(InjectionPolicy policy) => new(policy.Fetcher.Env, [], [], null);

    private static List<EnvVariable> Absent(IEnumerable<EnvVariable> variables, List<EnvVariable> there) =>
        [.. variables.Where(variable => !there.Exists(other => other.Name == variable.Name))];
}
