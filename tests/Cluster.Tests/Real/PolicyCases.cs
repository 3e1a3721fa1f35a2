namespace Stevedore.Cluster.Tests.Real;

/// <summary>Specs of policies as people write them: what the CRD takes, and for each of its rules what it refuses and with which words.</summary>
internal static class PolicyCases
{
    public static readonly string[] Valid =
    [
        "{}",
        """{"priority": 100, "namespaceSelector": {"matchLabels": {"team": "search"}, "matchExpressions": [{"key": "tier", "operator": "In", "values": ["a", "b"]}]}}""",
        """{"podSelector": {"matchExpressions": [{"key": "example.com/llm", "operator": "Exists"}]}, "injection": "Disabled"}""",
        """{"strategy": "Local", "volume": {"emptyDir": {"medium": "Memory", "sizeLimit": "20Gi"}}}""",
        """{"strategy": "Local", "volume": {"ephemeral": {"volumeClaimTemplate": {"spec": {"accessModes": ["ReadWriteOnce"]} } } }}""",
        """{"strategy": "Shared", "allowedStrategies": ["Shared", "Local"], "volume": {"persistentVolumeClaim": {"claimName": "models"}}}""",
        """{"strategy": "Node", "volumes": {"Node": {"hostPath": {"path": "/var/lib/stevedore", "type": "Directory"}}}, "nodePlacement": "Required"}""",
        """{"strategy": "Prepopulated", "volume": {"nfs": {"server": "nfs.internal", "path": "/export", "readOnly": true}}}""",
        """{"strategy": "Lazy", "volume": {"csi": {"driver": "s3.csi.aws.com", "volumeAttributes": {"bucketName": "weights"}}}}""",
        """{"strategy": "Lazy", "lazyPath": "models/{namespace}/{model}/{revision}", "volume": {"persistentVolumeClaim": {"claimName": "models"}}}""",
        """{"lazyPath": "."}""",
        """{"strategy": "Image"}""",
        """{"strategy": "Native", "hub": {"endpoint": "https://hub.internal"}}""",
        """{"isolation": "Cluster", "models": {"allow": ["hf://Qwen/*"], "deny": ["*-base"]}, "strategy": "Shared", "volume": {"persistentVolumeClaim": {"claimName": "models"}}}""",
        """{"sources": [{"prefix": "hf://", "mirrors": ["s3://weights/hub/", "https://hub.internal/"], "original": "Forbidden"}]}""",
        """{"s3": {"endpoint": "https://minio.storage.svc:9000", "region": "us-east-1", "pathStyle": true, "anonymous": false}, "credentials": {"secretName": "hf-token"}}""",
        """{"caBundle": {"configMapName": "company-ca"}, "proxy": {"http": "http://proxy:3128", "https": "http://proxy:3128", "noProxy": [".svc", "10.0.0.0/8"]}, "offline": true}""",
        """{"mountPath": "/models", "fetcher": {"image": "registry.internal/stevedore/fetcher:0.1.0", "imagePullPolicy": "Always", "resources": "auto", "connections": 16, "verification": "Full", "wait": "1h30m"}}""",
        """{"fetcher": {"resources": {"requests": {"cpu": "2"}}, "env": [{"name": "HF_HUB_ETAG_TIMEOUT", "value": "30"}, {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}], "securityContext": {"runAsUser": 1000, "runAsGroup": 1000}}}""",
    ];

    /// <summary>Those that break a rule in CEL, with the beginning of the rule's message.</summary>
    public static readonly (string Spec, string Message)[] BrokenRules =
    [
        ("""{"strategy": "Local", "allowedStrategies": ["Native"]}""", "allowedStrategies leaves out"),
        ("""{"isolation": "Cluster", "strategy": "Shared", "volume": {"persistentVolumeClaim": {"claimName": "models"}}}""", "Cluster lets one namespace read"),
        ("""{"strategy": "Local", "volume": {"persistentVolumeClaim": {"claimName": "models"}}}""", "Local is a cache of the pod's own; write emptyDir or ephemeral, or choose Shared"),
        ("""{"strategy": "Shared"}""", "Shared is allowed and has no volume"),
        ("""{"allowedStrategies": ["Local", "Shared"]}""", "Shared is allowed and has no volume"),
        ("""{"strategy": "Node", "volume": {"emptyDir": {}}}""", "Node is allowed and has no volume"),
        ("""{"strategy": "Prepopulated"}""", "Prepopulated is allowed and has no volume"),
        ("""{"strategy": "Lazy"}""", "Lazy is allowed and has no volume"),
        ("""{"podSelector": {"matchExpressions": [{"key": "a", "operator": "In"}]}}""", "In and NotIn compare with at least one value"),
        ("""{"podSelector": {"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["b"]}]}}""", "In and NotIn compare with at least one value"),
        ("""{"volumes": {"Local": {"hostPath": {"path": "/var/lib/models"}}}}""", "Local is a cache of the pod's own; write emptyDir or ephemeral"),
        ("""{"volumes": {"Shared": {"emptyDir": {}}}}""", "Shared keeps models for others"),
        ("""{"volumes": {"Node": {"ephemeral": {}}}}""", "Node keeps models for others"),
        ("""{"volumes": {"Prepopulated": {"emptyDir": {}}}}""", "Prepopulated keeps models for others"),
        ("""{"volumes": {"Lazy": {"emptyDir": {}}}}""", "Lazy reads what the driver holds"),
        ("""{"strategy": "Node", "volume": {"hostPath": {"path": "/var/lib/../etc"}}}""", "write an absolute path without"),
        ("""{"sources": [{"prefix": "hf://", "original": "Forbidden"}]}""", "original is Forbidden, and there is no mirror"),
        ("""{"sources": [{"prefix": "s3://weights/", "mirrors": ["https://hub.internal/models"]}]}""", "a mirror must end with"),
        ("""{"mountPath": "/models/../etc"}""", "write a path without"),
        ("""{"mountPath": "/proc/models"}""", "/proc, /sys, /dev and /run/stevedore are taken"),
        ("""{"mountPath": "/run/stevedore"}""", "/proc, /sys, /dev and /run/stevedore are taken"),
        ("""{"lazyPath": "models/../etc"}""", "write a path that does not leave the volume"),
        ("""{"lazyPath": "{tenant}/{model}"}""", "use no placeholder but {model}, {revision} and {namespace}"),
        ("""{"fetcher": {"env": [{"name": "A", "value": "b", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}]}}""", "a variable has a value or a valueFrom"),
    ];

    /// <summary>Those that are no policy by their structure, with the field that the API server names.</summary>
    public static readonly (string Spec, string Field)[] Malformed =
    [
        ("""{"strategy": "Magic"}""", "spec.strategy"),
        ("""{"strategy": "shared"}""", "spec.strategy"),
        ("""{"allowedStrategies": []}""", "spec.allowedStrategies"),
        ("""{"priority": "high"}""", "spec.priority"),
        ("""{"injection": "Maybe"}""", "spec.injection"),
        ("""{"isolation": "None"}""", "spec.isolation"),
        ("""{"namespaceSelector": {"matchLabels": {"team": "not a value"}}}""", "spec.namespaceSelector.matchLabels"),
        ("""{"namespaceSelector": {"matchExpressions": [{"key": "a", "operator": "Like", "values": ["b"]}]}}""", "operator"),
        ("""{"models": {"allow": ["Qwen"]}}""", "spec.models.allow[0]"),
        ("""{"volume": {}}""", "spec.volume"),
        ("""{"volume": {"emptyDir": {}, "ephemeral": {}}}""", "spec.volume"),
        ("""{"volume": {"persistentVolumeClaim": {}}, "strategy": "Shared"}""", "spec.volume.persistentVolumeClaim.claimName"),
        ("""{"volume": {"nfs": {"server": "nfs"}}, "strategy": "Shared"}""", "spec.volume.nfs.path"),
        ("""{"volume": {"csi": {}}, "strategy": "Lazy"}""", "spec.volume.csi.driver"),
        ("""{"sources": [{"mirrors": ["s3://weights/"]}]}""", "spec.sources[0].prefix"),
        ("""{"sources": [{"prefix": "file:///etc/"}]}""", "spec.sources[0].prefix"),
        ("""{"sources": [{"prefix": "hf://", "mirrors": ["https://user:word@hub.internal/"]}]}""", "spec.sources[0].mirrors[0]"),
        ("""{"hub": {"endpoint": "hub.internal"}}""", "spec.hub.endpoint"),
        ("""{"s3": {"endpoint": "https://key:secret@minio:9000"}}""", "spec.s3.endpoint"),
        ("""{"credentials": {}}""", "spec.credentials.secretName"),
        ("""{"caBundle": {"configMapName": "Company CA"}}""", "spec.caBundle.configMapName"),
        ("""{"proxy": {"noProxy": ["a,b"]}}""", "spec.proxy.noProxy[0]"),
        ("""{"mountPath": "models"}""", "spec.mountPath"),
        ("""{"lazyPath": ""}""", "spec.lazyPath"),
        ("""{"nodePlacement": "Always"}""", "spec.nodePlacement"),
        ("""{"fetcher": {"image": "an image"}}""", "spec.fetcher.image"),
        ("""{"fetcher": {"imagePullPolicy": "Sometimes"}}""", "spec.fetcher.imagePullPolicy"),
        ("""{"fetcher": {"connections": 0}}""", "spec.fetcher.connections"),
        ("""{"fetcher": {"connections": 257}}""", "spec.fetcher.connections"),
        ("""{"fetcher": {"verification": "None"}}""", "spec.fetcher.verification"),
        ("""{"fetcher": {"wait": "half an hour"}}""", "spec.fetcher.wait"),
        ("""{"fetcher": {"env": [{"value": "b"}]}}""", "spec.fetcher.env[0].name"),
        ("""{"fetcher": {"securityContext": {"runAsUser": 0}}}""", "spec.fetcher.securityContext.runAsUser"),
    ];
}
