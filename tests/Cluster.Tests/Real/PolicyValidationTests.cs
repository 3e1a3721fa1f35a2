using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using Stevedore.Cluster.Tests.Manifests;
using Stevedore.Cluster.Tests.Support;

namespace Stevedore.Cluster.Tests.Real;

/// <summary>What the API server itself takes and refuses as a policy, before the webhook hears of it.</summary>
[Collection(InCluster.Name)]
public sealed class PolicyValidationTests(TestCluster cluster)
{
    public static TheoryData<string> Valid => [.. PolicyCases.Valid];

    public static TheoryData<string, string> Refused => [.. PolicyCases.BrokenRules.Concat(PolicyCases.Malformed).Select(wrong => (wrong.Spec, wrong.Item2))];

    [ClusterTheory]
    [MemberData(nameof(Valid))]
    public async Task A_policy_that_is_right_is_taken(string spec) => (await TryAsync("right", spec)).Should().BeNull();

    [ClusterTheory]
    [MemberData(nameof(Refused))]
    public async Task A_policy_that_is_wrong_is_refused_with_the_field_or_what_to_write(string spec, string words) => (await TryAsync("wrong", spec)).Should().Contain(words);

    [ClusterFact]
    public async Task The_name_of_the_built_in_rules_is_taken() => (await TryAsync("built-in", "{}")).Should().Contain("choose another name");

    [ClusterFact]
    public async Task A_misspelt_field_is_refused_where_kubectl_validates()
    {
        (await TryAsync("misspelt", """{"startegy": "Shared"}""")).Should().Contain("unknown field \"spec.startegy\"");
    }

    [Fact]
    public void Every_rule_of_the_schema_has_a_policy_that_breaks_it()
    {
        var schema = Manifest.Objects(File.ReadAllText(Path.Combine(Manifest.Folder, "base", "modelcachepolicies.yaml"))).Single();
        var messages = Rules(schema).Distinct().ToList();
        messages.Should().NotBeEmpty();
        foreach (var message in messages)
            PolicyCases.BrokenRules.Select(broken => broken.Message).Append("built-in stands").Should().Contain(words => message.StartsWith(words, StringComparison.Ordinal), message);
    }

    private static IEnumerable<string> Rules(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => member.Key == "x-kubernetes-validations"
            ? member.Value!.AsArray().Select(rule => rule!["message"]!.GetValue<string>())
            : Rules(member.Value)),
        JsonArray items => items.SelectMany(Rules),
        _ => [],
    };

    /// <summary>Creates it without keeping it; gives what the API server says against it.</summary>
    private async Task<string?> TryAsync(string name, string spec)
    {
        var policy = new JsonObject
        {
            ["apiVersion"] = "stevedore.dev/v1alpha1",
            ["kind"] = "ModelCachePolicy",
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = JsonNode.Parse(spec),
        };
        try
        {
            await cluster.Client.CustomObjects.CreateClusterCustomObjectAsync(
                JsonSerializer.SerializeToElement(policy), "stevedore.dev", "v1alpha1", "modelcachepolicies", dryRun: "All", fieldValidation: "Strict");
            return null;
        }
        catch (HttpOperationException refusal)
        {
            return JsonNode.Parse(refusal.Response.Content)!["message"]!.GetValue<string>();
        }
    }
}
