using Stevedore.Webhook.Admission;

namespace Stevedore.Webhook.Policies;

/// <summary>Registers policies that come from no cluster.</summary>
internal static class PolicyFeature
{
    /// <summary>The policies of a file, already loaded once, and its renewal; without one the built-in rules alone.</summary>
    public static void AddPolicies(this IServiceCollection services, PolicyFile? file)
    {
        services.AddSingleton<INamespaceLabels, UnknownNamespaces>();
        services.AddSingleton<IPolicySource>(file is null ? new FixedPolicies(PolicySet.Empty) : file);
        if (file is null)
            return;
        services.AddSingleton(file);
        services.AddHostedService<PolicyReload>();
    }
}
