using System.Text.Json;
using Stevedore.Webhook.Admission;
using Stevedore.Webhook.Injection;
using Stevedore.Webhook.Policies;
using Stevedore.Webhook.Serving;

namespace Stevedore.Webhook.Cluster;

/// <summary>Registers policies and namespaces that come from the cluster.</summary>
internal static class ClusterPolicyFeature
{
    /// <summary>Both watches, what they keep, the gates that open when both have listed, the status of the policies, and the server's version.</summary>
    public static void AddClusterPolicies(this IServiceCollection services)
    {
        services.AddSingleton<PolicyObjects>();
        services.AddSingleton<ClusterPolicies>();
        services.AddSingleton<IPolicySource>(provider => provider.GetRequiredService<ClusterPolicies>());
        services.AddWatch<JsonElement, PolicyObjects, ClusterPolicies>();
        services.AddHostedService<PolicyStatusWriter>();
        services.AddSingleton<ClusterVersion>();
        services.AddSingleton<IServerVersion>(provider => provider.GetRequiredService<ClusterVersion>());
        services.AddHostedService(provider => provider.GetRequiredService<ClusterVersion>());

        services.AddSingleton<NamespaceObjects>();
        services.AddSingleton<ClusterNamespaces>();
        services.AddSingleton<INamespaceLabels>(provider => provider.GetRequiredService<ClusterNamespaces>());
        services.AddWatch<IReadOnlyDictionary<string, string>, NamespaceObjects, ClusterNamespaces>();
    }

    private static void AddWatch<T, TSource, TStore>(this IServiceCollection services)
        where TSource : class, IObjectSource<T>
        where TStore : class, IObjectStore<T>
    {
        services.AddSingleton<IObjectSource<T>>(provider => provider.GetRequiredService<TSource>());
        services.AddSingleton<IObjectStore<T>>(provider => provider.GetRequiredService<TStore>());
        services.AddSingleton<ObjectWatch<T>>();
        services.AddHostedService(provider => provider.GetRequiredService<ObjectWatch<T>>());
        services.AddSingleton<IReadinessGate>(provider => provider.GetRequiredService<ObjectWatch<T>>());
    }
}
