using Microsoft.Extensions.DependencyInjection.Extensions;
using Stevedore.Webhook.Injection;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Admission;

/// <summary>Registers admission.</summary>
internal static class AdmissionFeature
{
    /// <summary>The two doors behind <c>/mutate/…</c>, and their metrics.</summary>
    public static void AddAdmission(this IServiceCollection services, InjectionSettings settings)
    {
        services.TryAddSingleton<IServerVersion>(FixedServerVersion.Unknown);
        services.AddSingleton(provider => new PodInjector(settings, provider.GetRequiredService<IServerVersion>()));
        services.AddSingleton<PodDecision>(provider =>
        {
            var (injector, policies) = (provider.GetRequiredService<PodInjector>(), provider.GetRequiredService<IPolicySource>());
            return request => injector.Answer(request, policies.Current);
        });
        services.AddSingleton<Reviewer>();
        services.AddSingleton<AdmissionMetrics>();
        services.AddSingleton<AdmissionEndpoint>();
    }
}
