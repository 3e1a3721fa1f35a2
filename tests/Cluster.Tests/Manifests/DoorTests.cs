using System.Text.RegularExpressions;
using k8s.Models;

namespace Stevedore.Cluster.Tests.Manifests;

public sealed partial class DoorTests
{
    [KubectlTheory]
    [InlineData(".")]
    [InlineData("overlays/cert-manager")]
    [InlineData("overlays/dev")]
    public async Task The_detected_door_is_shut_to_exactly_whom_the_explicit_one_lets_in(string path)
    {
        var (open, detected) = await DoorsAsync(path);
        var asks = OneLine(open.MatchConditions.Should().ContainSingle().Subject.Expression);
        OneLine(detected.MatchConditions.Should().ContainSingle().Subject.Expression).Should().Be($"!({asks})");
    }

    [KubectlFact]
    public async Task Before_match_conditions_the_label_alone_tells_the_doors_apart()
    {
        var (open, detected) = await DoorsAsync("overlays/no-match-conditions");
        open.MatchConditions.Should().BeNullOrEmpty();
        detected.MatchConditions.Should().BeNullOrEmpty();
        var asks = open.ObjectSelector.MatchExpressions.Should().ContainSingle().Subject;
        var asksNot = detected.ObjectSelector.MatchExpressions.Should().ContainSingle().Subject;
        (asks.Key, asks.OperatorProperty, asksNot.Key, asksNot.OperatorProperty).Should().Be(("stevedore.dev/inject", "In", "stevedore.dev/inject", "NotIn"));
        asksNot.Values.Should().Equal(asks.Values);
    }

    [KubectlTheory]
    [InlineData(".")]
    [InlineData("overlays/cert-manager")]
    [InlineData("overlays/dev")]
    [InlineData("overlays/no-match-conditions")]
    public async Task Each_door_fails_its_own_way_and_neither_holds_up_the_cluster(string path)
    {
        var (open, detected) = await DoorsAsync(path);
        open.FailurePolicy.Should().Be("Fail");
        detected.FailurePolicy.Should().Be("Ignore");
        detected.NamespaceSelector.MatchExpressions.Should().ContainSingle(term => term.Key == "stevedore.dev/inject" && term.OperatorProperty == "In");
        foreach (var door in new[] { open, detected })
        {
            door.NamespaceSelector.MatchExpressions.Should().ContainSingle(term => term.Key == "kubernetes.io/metadata.name" && term.OperatorProperty == "NotIn")
                .Which.Values.Should().Equal("kube-system", "stevedore-system");
            (door.TimeoutSeconds, door.SideEffects, door.ReinvocationPolicy).Should().Be((5, "None", "IfNeeded"));
            var rule = door.Rules.Should().ContainSingle().Subject;
            rule.Resources.Should().Equal("pods");
            rule.Operations.Should().Equal("CREATE");
        }
    }

    [KubectlFact]
    public async Task A_developers_webhook_is_reached_by_url_and_trusted_by_the_authority_that_was_copied_there()
    {
        var (open, detected) = await DoorsAsync("overlays/dev");
        (open.ClientConfig.Url, detected.ClientConfig.Url).Should().Be(("https://localhost:8443/mutate/explicit", "https://localhost:8443/mutate/detected"));
        open.ClientConfig.CaBundle.Should().Equal("an authority\n"u8.ToArray()).And.Equal(detected.ClientConfig.CaBundle);
        (await Manifest.BuildAsync("overlays/dev")).Select(manifest => (string?)manifest["kind"]).Should().NotContain(["Deployment", "Secret", "Service"]);
    }

    private static async Task<(V1MutatingWebhook Explicit, V1MutatingWebhook Detected)> DoorsAsync(string path)
    {
        var doors = (await Manifest.BuildAsync(path)).Select(KnownKinds.Read).OfType<V1MutatingWebhookConfiguration>().Single().Webhooks;
        doors.Should().HaveCount(2);
        return (doors.Single(door => door.Name == "explicit.stevedore.dev"), doors.Single(door => door.Name == "detected.stevedore.dev"));
    }

    private static string OneLine(string text) => Space().Replace(text, " ").Trim();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
