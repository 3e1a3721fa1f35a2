using System.Text.Json.Nodes;

namespace Stevedore.Webhook.Tests.Injection.Strategies;

public sealed class NodePlacementTests
{
    private const string Volume = "volume: { hostPath: { path: /var/lib/stevedore, type: Directory } }";
    private const string Preferred = $"{{ strategy: Node, {Volume} }}";
    private const string Required = $"{{ strategy: Node, nodePlacement: Required, {Volume} }}";

    private static JsonNode? Affinity(string spec, string rest, string model = "hf://a/b") =>
        RuledPod.Inject(spec, rest: rest, model: model).ShouldBeInjected().Pod["spec"]!["affinity"]?["nodeAffinity"];

    [Theory]
    [InlineData("")]
    [InlineData("affinity: {}")]
    [InlineData("affinity: null")]
    [InlineData("affinity: { nodeAffinity: {} }")]
    [InlineData("affinity: { podAntiAffinity: { x: 1 } }")]
    [InlineData("affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } }")]
    public void Prefers_nodes_that_hold_the_model_wherever_the_pod_says_nothing_of_its_own(string rest)
    {
        var terms = Affinity(Preferred, rest)!["preferredDuringSchedulingIgnoredDuringExecution"]!.AsArray();

        terms.Should().ContainSingle().Which!.ToJsonString().Should().MatchRegex(
            """^\{"weight":100,"preference":\{"matchExpressions":\[\{"key":"models\.stevedore\.dev/[0-9a-f]{32}","operator":"In","values":\["ready"\]\}\]\}\}$""");
    }

    [Fact]
    public void Shares_the_weight_among_the_models()
    {
        var models = string.Join(',', Enumerable.Range(0, 3).Select(i => $"hf://a/b{i}"));

        var terms = Affinity(Preferred, "", $"hf://a/b,{models}")!["preferredDuringSchedulingIgnoredDuringExecution"]!.AsArray();

        terms.Select(term => (int)term!["weight"]!).Should().Equal(25, 25, 25, 25);
    }

    [Fact]
    public void Requires_such_nodes_in_every_alternative_but_the_empty_one()
    {
        const string terms = "[ { matchExpressions: [ { key: a, operator: Exists } ] }, {}, { matchExpressions: [], matchFields: [ { key: metadata.name, operator: In, values: [n] } ] } ]";

        var required = Affinity(Required, $"affinity: {{ nodeAffinity: {{ requiredDuringSchedulingIgnoredDuringExecution: {{ nodeSelectorTerms: {terms} }} }} }}")!
            ["requiredDuringSchedulingIgnoredDuringExecution"]!["nodeSelectorTerms"]!.AsArray();

        required.Select(term => term!["matchExpressions"]?.AsArray().Count ?? 0).Should().Equal(2, 0, 1);
    }

    [Theory]
    [InlineData(Preferred)]
    [InlineData(Required)]
    public void Leaves_a_pod_alone_that_names_its_node(string spec) => Affinity(spec, "nodeName: node-7").Should().BeNull();

    [Fact]
    public void Depends_on_who_shares_the_cache()
    {
        string Label(string spec) => Affinity(spec, "")!.ToJsonString();

        Label($"{{ strategy: Node, isolation: Cluster, models: {{ allow: ['*'] }}, {Volume} }}").Should().NotBe(Label(Preferred));
        Label($"{{ strategy: Node, fetcher: {{ connections: 2 }}, {Volume} }}").Should().Be(Label(Preferred));
    }
}
