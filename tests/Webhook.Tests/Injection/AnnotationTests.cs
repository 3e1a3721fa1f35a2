using Stevedore.Webhook.Injection;

namespace Stevedore.Webhook.Tests.Injection;

public sealed class AnnotationTests
{
    private static InjectedPod With(string annotations, IReadOnlyDictionary<string, string>? labels = null, string model = "hf://a/b") => InjectedPod.FromYaml(
        $"""
        metadata:
          annotations:
            stevedore.dev/model: {model}
            {annotations}
        spec:
          containers: [ {"{ name: vllm, image: vllm/vllm-openai:v0.11.0 }"} ]
        """,
        labels: labels);

    [Theory]
    [InlineData("stevedore.dev/include: '*.safetensors, *.json'", "hf://a/b --include *.safetensors --include *.json")]
    [InlineData("stevedore.dev/exclude: \"original/\\n*.bin\"", "hf://a/b --exclude original/ --exclude *.bin")]
    [InlineData("stevedore.dev/refresh: 1h30m", "hf://a/b --refresh 1h30m")]
    [InlineData("stevedore.dev/refresh: '0'", "hf://a/b --refresh 0s")]
    [InlineData("stevedore.dev/refresh: ''", "hf://a/b")]
    [InlineData("stevedore.dev/strategy: local", "hf://a/b")]
    [InlineData("stevedore.dev/policy: built-in", "hf://a/b")]
    [InlineData("stevedore.dev/exclude: '$(HOME)/*'", "hf://a/b --exclude $$(HOME)/*")]
    public void Reach_the_fetchers_command_line(string annotation, string args) => With(annotation).ShouldBeInjected().Args.Should().Be(args);

    [Theory]
    [InlineData("stevedore.dev/offline: maybe", "InvalidAnnotation", "neither \"true\" nor \"false\"")]
    [InlineData("stevedore.dev/inject: maybe", "InvalidAnnotation", "neither \"true\" nor \"false\"")]
    [InlineData("stevedore.dev/refresh: soon", "InvalidAnnotation", "90s, 10m or 1h30m")]
    [InlineData("stevedore.dev/size-hint: big", "InvalidAnnotation", "512Mi")]
    [InlineData("stevedore.dev/size-hint: '0'", "InvalidAnnotation", "20Gi")]
    [InlineData("stevedore.dev/fetcher-cpu: many", "InvalidAnnotation", "500m or 4")]
    [InlineData("stevedore.dev/fetcher-cpu: '0'", "InvalidAnnotation", "500m or 4")]
    [InlineData("stevedore.dev/fetcher-memory: '-1'", "InvalidAnnotation", "512Mi")]
    [InlineData("stevedore.dev/strategy: fast", "InvalidAnnotation", "Native, Local, Shared, Node, Prepopulated, Image, Lazy")]
    [InlineData("stevedore.dev/strategy: '1'", "InvalidAnnotation", "Native, Local")]
    [InlineData("stevedore.dev/strategy: Shared", "StrategyNotAllowed", "allows only Local")]
    [InlineData("stevedore.dev/policy: gold", "PolicyNotFound", "there is only \"built-in\"")]
    [InlineData("stevedore.dev/containers: server", "UnknownContainer", "containers are \"vllm\"")]
    [InlineData("stevedore.dev/offline: true", "InvalidAnnotation", "put its value in quotes")]
    public void Are_denied_with_the_way_out_where_they_are_wrong(string annotation, string reason, string wayOut) =>
        With(annotation).ShouldBeDenied(Enum.Parse<DenyReason>(reason), wayOut);

    [Theory]
    [InlineData("ftp://x/y", "InvalidReference", "hf, s3, http")]
    [InlineData("Qwen", "InvalidReference", "OWNER/NAME")]
    [InlineData("oci://ghcr.io/a/b:1", "SchemeNotSupported", "name Image")]
    [InlineData("'hf://a/b@x, hf://a/b@y'", "ContradictingRevision", "x and y")]
    [InlineData("'hf://a/b@main, hf://a/b'", "ContradictingRevision", "two versions")]
    public void Deny_a_model_that_can_not_be(string model, string reason, string wayOut) =>
        With("x: y", model: model).ShouldBeDenied(Enum.Parse<DenyReason>(reason), wayOut);

    [Theory]
    [InlineData("''")]
    [InlineData("' '")]
    public void Are_absent_where_a_template_leaves_them_empty(string model) => With("x: y", model: model).ShouldBeSkipped("NotRequested", warns: false);

    [Fact]
    public void Are_asked_for_in_quotes_where_the_label_is_a_boolean() =>
        InjectedPod.FromYaml("{ metadata: { labels: { stevedore.dev/inject: true } }, spec: { containers: [ { name: vllm, image: vllm/vllm-openai, args: [a/b] } ] } }")
            .ShouldBeDenied(DenyReason.InvalidAnnotation, "The label stevedore.dev/inject is not a string; put its value in quotes.");

    [Fact]
    public void Go_before_the_namespaces_labels()
    {
        var labels = new Dictionary<string, string> { ["stevedore.dev/strategy"] = "shared", ["stevedore.dev/policy"] = "gold" };

        With("stevedore.dev/strategy: Local", labels).ShouldBeDenied(DenyReason.PolicyNotFound, "The namespace's label stevedore.dev/policy");
        With("stevedore.dev/policy: built-in", labels).ShouldBeDenied(DenyReason.StrategyNotAllowed, "The namespace's label stevedore.dev/strategy");
        With("stevedore.dev/policy: built-in\n    stevedore.dev/strategy: Local", labels).ShouldBeInjected();
    }

    [Fact]
    public void Of_ours_that_nobody_knows_are_warned_about() =>
        With("stevedore.dev/includes: '*.json'").ShouldBeInjected().Answer.Warnings.Should().Equal(
            "stevedore: the annotation stevedore.dev/includes is not known and was ignored");

    [Fact]
    public void Are_bounded_to_64_KiB_without_the_status()
    {
        With($"stevedore.dev/exclude: {new string('x', 65_000)}").ShouldBeInjected();
        With($"stevedore.dev/exclude: {new string('x', 65_530)}").ShouldBeDenied(DenyReason.AnnotationsTooLarge, "65536");
        With($"stevedore.dev/status: {new string('x', 70_000)}").ShouldBeInjected();
    }

    [Fact]
    public void Name_at_most_32_models()
    {
        static string Models(int count) => $"'{string.Join(',', Enumerable.Range(0, count).Select(i => $"hf://a/m{i}"))}'";

        With("x: y", model: Models(32)).ShouldBeInjected();
        With("x: y", model: Models(33)).ShouldBeDenied(DenyReason.TooManyModels, "more than 32");
    }

    [Fact]
    public void Count_the_command_lines_models_too()
    {
        var loras = string.Join(", ", Enumerable.Range(0, 32).Select(i => $"'l{i}=a/lora{i}'"));
        var pod = $"metadata: {{ labels: {{ stevedore.dev/inject: 'true' }} }}\nspec: {{ containers: [ {{ name: vllm, command: [vllm, serve, a/b, --lora-modules, {loras}] }} ] }}";

        InjectedPod.FromYaml(pod).ShouldBeDenied(DenyReason.TooManyModels, "more than 32");
    }

    [Fact]
    public void Write_the_status_over_a_forged_one()
    {
        var pod = With("stevedore.dev/status: '{\"policy\":\"gold\"}'").ShouldBeInjected();

        ((string)pod.Pod["metadata"]!["annotations"]!["stevedore.dev/status"]!).Should().Be(
            """{"policy":"built-in","generation":0,"strategy":"Local","models":["hf://a/b"],"containers":["vllm"],"volumes":["stevedore-cache","stevedore-view"]}""");
    }
}
