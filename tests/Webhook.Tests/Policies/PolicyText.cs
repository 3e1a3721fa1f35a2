using Stevedore.Webhook.Policies;
using Stevedore.Webhook.Policies.Reading;

namespace Stevedore.Webhook.Tests.Policies;

/// <summary>Policies as users write them.</summary>
internal static class PolicyText
{
    /// <summary>Every field there is.</summary>
    public const string Complete = """
        apiVersion: stevedore.dev/v1alpha1
        kind: ModelCachePolicy
        metadata: { name: shared-nfs, generation: 3, labels: { team: platform } }
        spec:
          priority: 100
          namespaceSelector: { matchLabels: { tier: gold }, matchExpressions: [ { key: team, operator: NotIn, values: [ads, ""] } ] }
          podSelector: { matchExpressions: [ { key: example.com/size, operator: Exists } ] }
          injection: Enabled
          models: { allow: ["hf://meta-llama/*", "s3://weights/"], deny: ["hf://meta-llama/*-Base"] }
          strategy: Shared
          allowedStrategies: [Shared, Local, Node]
          volume: { persistentVolumeClaim: { claimName: models, readOnly: false } }
          volumes:
            Local: { emptyDir: { sizeLimit: 200Gi } }
            Node: { hostPath: { path: /var/lib/stevedore, type: Directory } }
            Native: { emptyDir: {} }
            Shared: { nfs: { server: nfs.internal, path: /models } }
            Prepopulated: { persistentVolumeClaim: { claimName: ready, readOnly: true } }
            Lazy: { csi: { driver: csi.juicefs.com, volumeAttributes: { volumeHandle: weights } } }
          isolation: Cluster
          sources:
          - prefix: hf://
            mirrors: ["s3://weights/hub/", "https://hub.internal/"]
            original: Forbidden
          hub: { endpoint: https://hub.internal }
          s3: { endpoint: "https://minio.storage.svc:9000", region: us-east-1, pathStyle: true, anonymous: false }
          credentials: { secretName: hf-token }
          caBundle: { configMapName: company-ca, key: roots.pem }
          proxy: { http: "http://proxy:3128", https: "http://proxy:3128", noProxy: [.svc, 10.0.0.0/8] }
          offline: true
          mountPath: /var/cache/models
          nodePlacement: Required
          fetcher:
            image: registry.internal/stevedore/fetcher:0.1.0
            imagePullPolicy: IfNotPresent
            resources: { requests: { cpu: 2, memory: 1Gi }, limits: { memory: 2Gi } }
            connections: 16
            verification: Full
            wait: 30m
            env:
            - { name: HF_HUB_ETAG_TIMEOUT, value: "30" }
            - { name: TOKEN, valueFrom: { secretKeyRef: { name: hub, key: token } } }
            securityContext: { runAsUser: 1000, runAsGroup: 2000 }
        status: { observedGeneration: 3 }
        """;

    /// <summary>A whole object around a spec in flow style.</summary>
    public static string With(string spec, string name = "p") =>
        $"{{ apiVersion: stevedore.dev/v1alpha1, kind: ModelCachePolicy, metadata: {{ name: {name} }}, spec: {spec} }}";

    /// <summary>Reads one or several.</summary>
    public static PolicyTexts Read(string text) => PolicyDocuments.Read(new StringReader(text));

    /// <summary>Reads one that is right.</summary>
    public static InjectionPolicy Valid(string text)
    {
        var read = Read(text);
        read.Problems.Should().BeEmpty();
        return read.Policies.Single();
    }
}
