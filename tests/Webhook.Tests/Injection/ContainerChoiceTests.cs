using Stevedore.Webhook.Injection;

namespace Stevedore.Webhook.Tests.Injection;

public sealed class ContainerChoiceTests
{
    private static InjectedPod Pod(string containers, string annotations = "example.com/x: y") => InjectedPod.FromYaml(
        $"metadata: {{ annotations: {{ stevedore.dev/model: hf://a/b, {annotations} }} }}\nspec: {{ containers: [ {containers} ] }}");

    private static IEnumerable<string> Chosen(InjectedPod pod) => pod.ShouldBeInjected().Pod["spec"]!["containers"]!.AsArray()
        .Where(container => InjectedPod.Env(container!).ContainsKey("HF_HUB_CACHE")).Select(container => (string)container!["name"]!);

    [Theory]
    [InlineData("{ name: a, image: x }, { name: b, image: vllm/vllm-openai }", "b")]
    [InlineData("{ name: a, image: x }, { name: b, image: x, command: [vllm, serve, a/b] }", "b")]
    [InlineData("{ name: a, image: vllm/vllm-openai }, { name: b, image: x, command: [vllm, serve, a/b] }", "a b")]
    [InlineData("{ name: a, image: x }", "a")]
    [InlineData("{ name: istio-proxy, image: x }, { name: a, image: x }", "a")]
    [InlineData("{ name: linkerd-proxy, image: x }, { name: a, image: x }", "a")]
    [InlineData("{ name: istio-proxy, image: vllm/vllm-openai }, { name: a, image: x }", "a")]
    public void Falls_on_vllm_else_on_the_only_one(string containers, string chosen) => Chosen(Pod(containers)).Should().Equal(chosen.Split(' '));

    [Fact]
    public void Follows_the_annotation() =>
        Chosen(Pod("{ name: a, image: vllm/vllm-openai }, { name: b, image: x }, { name: c, image: x }", "stevedore.dev/containers: 'c, b'")).Should().Equal("b", "c");

    [Fact]
    public void Is_denied_with_the_names_where_it_is_not_clear() =>
        Pod("{ name: a, image: x }, { name: b, image: x }").ShouldBeDenied(DenyReason.AmbiguousContainer, "\"a\", \"b\"");

    [Fact]
    public void Reads_the_arguments_of_the_container_that_was_named()
    {
        var pod = InjectedPod.FromYaml("""
            metadata:
              labels: { stevedore.dev/inject: "true" }
              annotations: { stevedore.dev/containers: llm }
            spec: { containers: [ { name: llm, image: mycorp/llm, args: [--model, a/b] }, { name: x, image: x } ] }
            """);

        pod.ShouldBeInjected().Args.Should().Be("hf://a/b");
    }
}
