using Stevedore.Contract.Values;
using Stevedore.Webhook.Injection;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Tests.Injection;

public sealed class PolicyChoiceTests
{
    private static readonly PolicySet Policies = new(
    [
        new InjectionPolicy { Name = "everywhere" },
        new InjectionPolicy { Name = "gold", Priority = 10, NamespaceSelector = Needs("tier", "gold") },
        new InjectionPolicy { Name = "big-pods", Priority = 5, PodSelector = Needs("size", "big") },
        new InjectionPolicy { Name = "by-name", Priority = 20, NamespaceSelector = Needs("kubernetes.io/metadata.name", "inference") },
        new InjectionPolicy { Name = "closed", Priority = 30, Injection = InjectionSwitch.Disabled, NamespaceSelector = Needs("tier", "closed") },
        new InjectionPolicy { Name = "llama", Models = new ModelRules([new Glob("hf://meta-llama/*")], []) },
    ]);

    /// <summary>The truth table: the pod's annotation and labels, the namespace's labels, then the policy that rules or the reason for none.</summary>
    public static TheoryData<string?, string?, string, string> Table => new()
    {
        { null, null, "", "everywhere" },
        { null, null, "tier=gold", "gold" },
        { null, "size=big", "", "big-pods" },
        { null, "size=big", "tier=gold", "gold" },
        { null, null, "kubernetes.io/metadata.name=inference", "by-name" },
        { "everywhere", null, "tier=gold", "everywhere" },
        { "Everywhere", null, "tier=gold", "everywhere" },
        { " gold ", null, "tier=gold", "gold" },
        { "gold", null, "", "PolicyNotForPod" },
        { "big-pods", null, "", "PolicyNotForPod" },
        { "big-pods", "size=big", "tier=gold", "big-pods" },
        { "silver", null, "", "PolicyNotFound" },
        { "", null, "tier=gold", "gold" },
        { null, null, "stevedore.dev/policy=everywhere,tier=gold", "everywhere" },
        { "gold", null, "stevedore.dev/policy=everywhere,tier=gold", "gold" },
        { null, null, "stevedore.dev/policy=silver", "PolicyNotFound" },
        { null, null, "stevedore.dev/policy=gold", "PolicyNotForPod" },
        { "built-in", null, "", "PolicyNotForPod" },
        { null, null, "tier=closed", "PolicyDisabled" },
        { "closed", null, "tier=closed", "PolicyDisabled" },
        { "llama", null, "", "ModelNotAllowed" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Follows_pod_then_namespace_then_rank(string? annotation, string? podLabels, string placeLabels, string expected)
    {
        var places = Labels(placeLabels);
        places.TryAdd("kubernetes.io/metadata.name", "elsewhere");
        var (atExplicit, atDetected) = (Inject(annotation, podLabels, places, Door.Explicit), Inject(annotation, podLabels, places, Door.Detected));

        if (expected is "PolicyDisabled")
        {
            atExplicit.ShouldBeSkipped(expected, warns: true);
            atDetected.ShouldBeSkipped(expected, warns: false);
        }
        else if (char.IsUpper(expected[0]))
        {
            atExplicit.Answer.Outcome.Should().Be(PodOutcome.Denied);
            atExplicit.Answer.Reason.Should().Be(expected);
            atDetected.ShouldBeSkipped(expected, warns: true);
        }
        else
        {
            PolicyOf(atExplicit).Should().Be(expected);
            PolicyOf(atDetected).Should().Be(expected);
        }
    }

    [Fact]
    public void The_built_in_rules_can_be_named_only_where_no_policy_applies()
    {
        var gold = new PolicySet([new InjectionPolicy { Name = "gold", NamespaceSelector = Needs("tier", "gold") }]);

        PolicyOf(InjectedPod.FromYaml(Pod("built-in", null, Door.Explicit), policies: gold)).Should().Be("built-in");
        InjectedPod.FromYaml(Pod("built-in", null, Door.Explicit), labels: Labels("tier=gold"), policies: gold)
            .ShouldBeDenied(DenyReason.PolicyNotForPod, "\"gold\" is for this pod");
    }

    [Fact]
    public void A_namespace_is_known_by_its_name_even_where_no_label_of_it_is() =>
        PolicyOf(InjectedPod.FromYaml(Pod(null, null, Door.Detected), Door.Detected, new Dictionary<string, string>(), Policies)).Should().Be("by-name");

    [Fact]
    public void Says_which_policies_there_are()
    {
        InjectedPod.FromYaml(Pod("silver", null, Door.Explicit), policies: Policies)
            .ShouldBeDenied(DenyReason.PolicyNotFound, "\"silver\", and there are big-pods, by-name, closed, everywhere, gold, llama;");
        InjectedPod.FromYaml(Pod("silver", null, Door.Explicit)).ShouldBeDenied(DenyReason.PolicyNotFound, "there is only \"built-in\"");
        var many = new PolicySet(Enumerable.Range(0, 11).Select(i => new InjectionPolicy { Name = $"p{i}" }));
        InjectedPod.FromYaml(Pod("silver", null, Door.Explicit), policies: many).ShouldBeDenied(DenyReason.PolicyNotFound, "none of the 11 policies");
    }

    [Fact]
    public void Denies_a_model_by_the_name_of_the_policy_that_forbids_it() =>
        Inject("llama", null, Labels(""), Door.Explicit).ShouldBeDenied(DenyReason.ModelNotAllowed, "policy \"llama\" does not allow the model hf://a/b");

    private static InjectedPod Inject(string? annotation, string? podLabels, Dictionary<string, string> places, Door door) => InjectedPod.FromYaml(
        Pod(annotation, podLabels, door), door, new Dictionary<string, string>(places) { ["stevedore.dev/inject"] = "enabled" }, Policies);

    private static string Pod(string? policy, string? labels, Door door) => $$"""
        metadata:
          annotations: { {{(policy is null ? "" : $"stevedore.dev/policy: '{policy}',")}} {{(door == Door.Explicit ? "stevedore.dev/model: 'hf://a/b'" : "")}} }
          labels: { {{labels?.Replace("=", ": ", StringComparison.Ordinal)}} }
        spec: { containers: [ { name: vllm, image: vllm/vllm-openai:v0.11.0, args: [--model, a/b] } ] }
        """;

    private static string? PolicyOf(InjectedPod pod) =>
        (string?)System.Text.Json.Nodes.JsonNode.Parse((string)pod.ShouldBeInjected().Pod["metadata"]!["annotations"]!["stevedore.dev/status"]!)!["policy"];

    private static Dictionary<string, string> Labels(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);

    private static LabelSelector Needs(string key, string value) => new([new LabelRequirement(key, LabelOperator.In, [value])]);
}
