using Stevedore.Webhook.Injection;

namespace Stevedore.Webhook.Tests.Injection;

public sealed class DoorTests
{
    private const string Vllm = "{ containers: [ { name: vllm, image: vllm/vllm-openai:v0.11.0, args: [--model, a/b] } ] }";
    private const string Nginx = "{ containers: [ { name: web, image: nginx:1.27 } ] }";

    [Fact]
    public void Trusts_the_webhook_configuration_where_no_label_of_the_namespace_is_known() =>
        InjectedPod.FromYaml($"spec: {Vllm}", Door.Detected, new Dictionary<string, string>()).ShouldBeInjected();

    [Theory]
    [InlineData("os: { name: windows }")]
    [InlineData("nodeSelector: { kubernetes.io/os: windows }")]
    [InlineData("nodeSelector: { beta.kubernetes.io/os: Windows }")]
    public void Leaves_windows_alone(string spec)
    {
        var pod = $"metadata: {{ annotations: {{ stevedore.dev/model: hf://a/b }} }}\nspec:\n  {spec}\n  containers: [ {{ name: c, image: vllm/vllm-openai }} ]";

        InjectedPod.FromYaml(pod).ShouldBeSkipped("WindowsPod", warns: true);
    }

    [Fact]
    public void Says_nothing_about_a_detected_pod_that_has_nothing_of_vllm_in_it()
    {
        InjectedPod.FromYaml($"spec: {Nginx}", Door.Detected).ShouldBeSkipped("NoVllm", warns: false);

        // Not even where the namespace asks for something that can't be.
        var labels = new Dictionary<string, string>(InjectedPod.Enabled) { ["stevedore.dev/strategy"] = "shared" };
        InjectedPod.FromYaml($"spec: {Nginx}", Door.Detected, labels).ShouldBeSkipped("NoVllm", warns: false);
    }

    [Theory]
    [InlineData("spec: { containers: [ { name: c, image: vllm/vllm-openai } ] }", "NoModel")]
    [InlineData("spec: { containers: [ { name: c, image: vllm/vllm-openai, args: [a/b], volumeMounts: [ { name: v, mountPath: /run } ] } ] }", "PathTaken")]
    [InlineData("metadata: { annotations: { stevedore.dev/offline: maybe } }\nspec: { containers: [ { name: c, image: vllm/vllm-openai, args: [a/b] } ] }", "InvalidAnnotation")]
    [InlineData("spec: { containers: no }", "MalformedPod")]
    public void Skips_with_a_warning_what_a_detected_pod_can_not_be_given(string pod, string reason) =>
        InjectedPod.FromYaml(pod, Door.Detected).ShouldBeSkipped(reason, warns: true);

    [Fact]
    public void Never_denies_a_detected_pod_whatever_it_asks_for()
    {
        var labels = new Dictionary<string, string>(InjectedPod.Enabled) { ["stevedore.dev/policy"] = "gold", ["stevedore.dev/strategy"] = "shared" };

        InjectedPod.FromYaml($"spec: {Vllm}", Door.Detected, labels).ShouldBeSkipped("PolicyNotFound", warns: true);
    }
}
