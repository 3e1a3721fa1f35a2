using CsCheck;
using Stevedore.Webhook.Policies;
using Stevedore.Webhook.Tests.Policies;

namespace Stevedore.Webhook.Tests.Injection.Strategies;

/// <summary>Policies of every strategy, on every kind of volume, with everything that a policy can add to a pod.</summary>
internal static class GenPolicy
{
    private static readonly string[] Own = ["emptyDir: {}", "emptyDir: { medium: Memory, sizeLimit: 2048Mi }", "ephemeral: { volumeClaimTemplate: { spec: { resources: { requests: { storage: 1Ti } } } } }"];

    private static readonly string[] Shared =
    [
        "persistentVolumeClaim: { claimName: models, readOnly: false }", "nfs: { server: s, path: /p }", "hostPath: { path: /var/lib/stevedore }",
        "csi: { driver: d, readOnly: true, volumeAttributes: { a: \"~/\" } }",
    ];

    private static readonly Gen<string> Field = Gen.OneOf(
        "isolation: Cluster, models: { allow: ['*'] }", "models: { deny: ['hf://a/c*'] }", "mountPath: /data/cache", "offline: true", "nodePlacement: Required",
        "hub: { endpoint: 'https://hub.internal' }", "credentials: { secretName: hub }", "caBundle: { configMapName: ca }", "proxy: { https: 'http://p:1', noProxy: [.svc] }",
        "s3: { endpoint: 'https://s3.internal', pathStyle: true }", "sources: [ { prefix: 'hf://', mirrors: ['s3://bkt/hub/'], original: Forbidden } ]",
        "lazyPath: '{namespace}/{model}'",
        "fetcher: { connections: 3, wait: 1m, verification: Full, env: [ { name: X, value: $(A) } ], resources: { requests: { cpu: 1500m } } }");

    /// <summary>A policy that allows one strategy and has what it needs.</summary>
    public static Gen<InjectionPolicy> Any { get; } = Gen.Select(Gen.Enum<Strategy>(), Gen.Int[0, 100], Field.Array[0, 4]).Select((strategy, volume, fields) =>
    {
        var named = fields.DistinctBy(field => field.Split(':')[0]).Where(field => !(field.Contains("models: { allow", StringComparison.Ordinal) && fields.Any(f => f.StartsWith("models", StringComparison.Ordinal))));
        var kinds = strategy switch { Strategy.Local => Own, Strategy.Native => [.. Own, .. Shared], _ => Shared };
        List<string> spec = [$"strategy: {strategy}", .. named];
        if (strategy != Strategy.Image)
            spec.Add($"volume: {{ {kinds[volume % kinds.Length]} }}");
        return PolicyText.Valid(PolicyText.With($"{{ {string.Join(", ", spec)} }}"));
    });
}
