using System.Text.Json.Nodes;
using CsCheck;

namespace Stevedore.Webhook.Tests.Injection;

/// <summary>Pods of many shapes: odd names, fields that nobody knows, lists that are absent, null or empty, mounts and variables that get in our way.</summary>
internal static class GenPod
{
    private static readonly Gen<string> OddName = Gen.OneOf("a", "b", "vllm", "a/b", "~", "~1", "/", "", "𝔘𝔫", "stevedore-x", "x\"y", "$(A)");

    private static readonly Gen<string> Variable = Gen.OneOf(
        "A", "B", "HF_TOKEN", "HF_TOKEN_PATH", "HF_HOME", "HF_HUB_CACHE", "HF_HUB_OFFLINE", "VLLM_MODEL_REDIRECT_PATH", "AWS_REGION", "AWS_CONFIG_FILE",
        "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "https_proxy", "odd/~name");

    private static readonly Gen<string> Value = Gen.OneOf(
        "", "x", "/data/hub", "/secrets/token", "$(A)/$(B)", "$$(A)", "$(", "/run/stevedore/hub", "1", "/run/stevedore/redirect", "a/b");

    private static readonly Gen<string> Word = Gen.OneOf(
        "vllm", "serve", "a/b", "llama", "/models/x", "/models/x/y", "--model", "--model=a/c", "--revision", "v1", "--lora-modules", "l=a/l", "l=/models/l", "sh", "-c",
        "vllm serve a/b --port $PORT", "exec vllm serve '/models/x'", "--tokenizer", "--config", "c.yaml", "$(A)", "--speculative-config", "{\"model\":\"a/d\"}", "-", "--");

    private static readonly Gen<string> Path = Gen.OneOf(
        "/data", "/secrets", "/models", "/models/x", "/models/x/deep", "/run", "/var/cache", "/tmp", "relative", "/root/.cache/huggingface", "//odd/./path/");

    private static readonly Gen<JsonNode?> Unknown = Gen.OneOf(
        Gen.Int.Select(i => (JsonNode?)i),
        Gen.OneOf("x", "~/", "1000m", "").Select(text => (JsonNode?)text),
        Gen.Const(0).Select(_ => (JsonNode?)JsonNode.Parse("1.500")),
        Gen.Bool.Select(b => (JsonNode?)b),
        Gen.Const(0).Select(_ => (JsonNode?)null),
        Gen.Const(0).Select(_ => (JsonNode?)JsonNode.Parse("""{ "deep~/": [ 1, { "x": null } ], "n": 12345678901234567890 }""")));

    private static readonly Gen<JsonNode?> Env = Gen.Select(Variable, Value, Gen.Int[0, 5]).Select((name, value, kind) => (JsonNode?)(kind switch
    {
        0 => new JsonObject { ["name"] = name, ["valueFrom"] = new JsonObject { ["secretKeyRef"] = new JsonObject { ["name"] = "s", ["key"] = "k" } } },
        1 => new JsonObject { ["name"] = name },
        2 => new JsonObject { ["name"] = name, ["value"] = value, ["unknown"] = new JsonObject() },
        _ => new JsonObject { ["name"] = name, ["value"] = value },
    }));

    private static readonly Gen<JsonNode?> Mount = Gen.Select(Gen.OneOf("data", "scratch", "odd/~", "data"), Path, Gen.Int[0, 5]).Select((name, path, kind) =>
    {
        var mount = new JsonObject { ["name"] = name, ["mountPath"] = path };
        if (kind == 0)
            mount["subPathExpr"] = "$(A)/x";
        if (kind == 1)
            mount["subPath"] = "part";
        if (kind == 2)
            mount["mountPropagation"] = "None";
        return (JsonNode?)mount;
    });

    private static readonly Gen<JsonNode?> Resources = Gen.OneOf(
            "{}", """{ "requests": { "cpu": "1000m", "memory": "6G" } }""", """{ "limits": { "cpu": 2, "memory": "1.5Gi" } }""",
            """{ "requests": { "nvidia.com/gpu": "1" } }""", """{ "requests": { "memory": "12e6" }, "limits": { "memory": "20Gi" }, "claims": [] }""")
        .Select(text => JsonNode.Parse(text));

    private static readonly Gen<JsonNode?> Security = Gen.OneOf(
            "{}", """{ "runAsUser": 0 }""", """{ "runAsUser": 1000, "runAsGroup": 7 }""", """{ "capabilities": { "drop": [ "ALL" ] }, "unknown": 1 }""")
        .Select(text => JsonNode.Parse(text));

    private static readonly Gen<JsonObject> Container = Gen.Select(
        List(Env, 5), List(Mount, 3), List(Word.Select(word => (JsonNode?)word), 6), List(Word.Select(word => (JsonNode?)word), 6),
        Gen.OneOf("vllm/vllm-openai:v0.11.0", "nginx", "istio/proxyv2:1"), Maybe(Resources), Maybe(Security), Unknown)
        .Select((env, mounts, command, args, image, resources, security, unknown) => Object(
            ("image", image), ("env", env), ("volumeMounts", mounts), ("command", command), ("args", args), ("resources", resources),
            ("securityContext", security), ("~un/known", unknown)));

    private static readonly Gen<(string Name, string Value)> Annotation = Gen.OneOf(
        Pair("stevedore.dev/model", "hf://a/b", "hf://a/b@v1", "s3://bkt/x/", "hf://a/b,s3://bkt/y/", "file:///data/m/", "pvc://own/m", "oci://ghcr.io/a/b:1", "pvc://own/x,hf://a/b", "nonsense", ""),
        Pair("stevedore.dev/containers", "c0", "c1", "nobody"),
        Pair("stevedore.dev/offline", "true", "false", "maybe"),
        Pair("stevedore.dev/size-hint", "20Gi", "2G", "big"),
        Pair("stevedore.dev/include", "*.json", "$(A)"),
        Pair("stevedore.dev/fetcher-cpu", "2", "500m"),
        Pair("stevedore.dev/strategy", "local", "shared"),
        Pair("stevedore.dev/status", "{}", "x"),
        Pair("stevedore.dev/inject", "true"),
        Pair("odd~/name", "~", "𝔘"));

    /// <summary>A pod that asks more often than not, and can be given something most of the time.</summary>
    public static Gen<JsonNode> Any { get; } = Gen.Select(
        Container.Array[1, 3], Container.Array[0, 2], Annotation.Array[0, 4], Gen.Bool, Maybe(Security), Gen.Int[0, 3], Unknown, Gen.Bool.Array[5])
        .Select((containers, inits, annotations, labelled, security, shape, unknown, flags) =>
            (JsonNode)Pod(containers, inits, annotations, labelled, security, shape, unknown, flags));

    private static JsonObject Pod(
        JsonObject[] containers, JsonObject[] inits, (string Name, string Value)[] annotations, bool labelled, JsonNode? security, int shape, JsonNode? unknown,
        bool[] flags)
    {
        var metadata = new JsonObject { ["un/known~"] = unknown?.DeepClone() };
        var marks = new JsonObject();
        foreach (var (name, value) in annotations)
            marks[name] = value;
        if (flags[0])
            marks["stevedore.dev/model"] = "hf://a/b";
        if (marks.Count > 0 || shape == 0)
            metadata["annotations"] = marks;
        if (labelled)
            metadata["labels"] = new JsonObject { ["stevedore.dev/inject"] = "true", ["odd~/"] = "x" };

        var spec = new JsonObject { ["un~known/"] = unknown?.DeepClone(), ["securityContext"] = security?.DeepClone() };
        if (flags[1])
            spec["volumes"] = JsonNode.Parse("""[ { "name": "data", "persistentVolumeClaim": { "claimName": "c" } }, { "name": "scratch", "emptyDir": {} }, { "name": "odd/~" } ]""");
        var appContainers = Named("c", containers, flags[2] ? "istio-proxy" : null);
        if (flags[3])
            appContainers[0]!.AsObject()["image"] = "vllm/vllm-openai";
        spec["containers"] = appContainers;
        if (inits.Length > 0)
        {
            var initContainers = Named("i", inits, flags[4] ? "istio-proxy" : null);
            if (flags[4])
                initContainers[^1]!["restartPolicy"] = "Always";
            spec["initContainers"] = initContainers;
        }
        else if (shape == 1)
        {
            spec["initContainers"] = null;
        }

        return new JsonObject { ["metadata"] = shape == 2 && marks.Count == 0 && !labelled ? null : metadata, ["spec"] = spec, ["status"] = new JsonObject() };
    }

    /// <summary>What stands for half a surrogate pair until the pod is text: no JsonNode can hold one.</summary>
    public const string HalfCharacter = "HALF-A-CHARACTER";

    /// <summary>An arbitrary JSON value, to be put where it does not belong.</summary>
    public static Gen<JsonNode?> Nonsense { get; } = Gen.OneOf(
        Unknown,
        Gen.OneOf("[]", "{}", "[[]]", "[null]", "{\"name\":null}", "-1", "1e400").Select(text => JsonNode.Parse(text)),
        Gen.OneOf(OddName, Gen.Const(HalfCharacter)).Select(name => (JsonNode?)name));

    private static JsonArray Named(string prefix, JsonObject[] containers, string? last)
    {
        var list = new JsonArray();
        for (var i = 0; i < containers.Length; i++)
        {
            var container = containers[i].DeepClone().AsObject();
            container["name"] = last is not null && i > 0 && i == containers.Length - 1 ? last : $"{prefix}{i}";
            list.Add(container);
        }

        return list;
    }

    private static JsonObject Object(params (string Name, JsonNode? Value)[] members)
    {
        var result = new JsonObject();
        foreach (var (name, value) in members)
        {
            if (value is not JsonValue marker || !marker.TryGetValue<string>(out var text) || text != "absent")
                result[name] = value?.DeepClone();
        }

        return result;
    }

    /// <summary>The list; or none, null or an empty one.</summary>
    private static Gen<JsonNode?> List(Gen<JsonNode?> item, int most) => Gen.Frequency(
        (1, Gen.Const(0).Select(_ => (JsonNode?)"absent")),
        (1, Gen.Const(0).Select(_ => (JsonNode?)null)),
        (6, item.Array[0, most].Select(items => (JsonNode?)new JsonArray([.. items.Select(i => i?.DeepClone())]))));

    private static Gen<JsonNode?> Maybe(Gen<JsonNode?> item) => Gen.Frequency((1, Gen.Const(0).Select(_ => (JsonNode?)null)), (3, item));

    private static Gen<(string Name, string Value)> Pair(string name, params string[] values) => Gen.OneOf(values).Select(value => (name, value));
}
