using System.Text.Json.Nodes;
using Stevedore.Webhook.Policies;
using Stevedore.Webhook.Tests.Policies;

namespace Stevedore.Webhook.Tests.Injection.Strategies;

/// <summary>A pod under one policy.</summary>
internal static class RuledPod
{
    public const string Shared = "{ strategy: Shared, volume: { persistentVolumeClaim: { claimName: models } } }";

    public static PolicySet Policies(string spec) => new([PolicyText.Valid(PolicyText.With(spec))]);

    /// <summary>One vLLM container that serves <c>a/b</c>.</summary>
    /// <param name="spec">The policy's spec, in flow style.</param>
    /// <param name="container">More members of the container.</param>
    /// <param name="rest">More members of the pod's spec, a line.</param>
    /// <param name="model">The annotation.</param>
    /// <param name="annotations">More annotations.</param>
    public static InjectedPod Inject(
        string spec, string container = "args: [a/b]", string rest = "", string model = "hf://a/b", string annotations = "example.com/x: y") =>
        InjectedPod.FromYaml(
            $$"""
            metadata: { annotations: { stevedore.dev/model: "{{model}}", {{annotations}} } }
            spec:
              containers:
              - { name: vllm, image: vllm/vllm-openai, {{container}} }
              {{rest}}
            """,
            policies: Policies(spec));

    public static InjectedPod Again(JsonNode pod, string spec) => InjectedPod.From(pod, policies: Policies(spec));
}
