using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Tests.Policies;

public sealed class LabelSelectorTests
{
    private static readonly Dictionary<string, string> Labels = new() { ["team"] = "search", ["tier"] = "gold", ["bare"] = "" };

    // The truth table of apimachinery's labels.Requirement.Matches.
    [Theory]
    [InlineData(LabelOperator.In, "team", "search", true)]
    [InlineData(LabelOperator.In, "team", "ads,search", true)]
    [InlineData(LabelOperator.In, "team", "ads", false)]
    [InlineData(LabelOperator.In, "team", "Search", false)]
    [InlineData(LabelOperator.In, "bare", "", true)]
    [InlineData(LabelOperator.In, "absent", "search", false)]
    [InlineData(LabelOperator.NotIn, "team", "ads", true)]
    [InlineData(LabelOperator.NotIn, "team", "ads,search", false)]
    [InlineData(LabelOperator.NotIn, "absent", "ads", true)]
    [InlineData(LabelOperator.Exists, "team", null, true)]
    [InlineData(LabelOperator.Exists, "bare", null, true)]
    [InlineData(LabelOperator.Exists, "absent", null, false)]
    [InlineData(LabelOperator.DoesNotExist, "team", null, false)]
    [InlineData(LabelOperator.DoesNotExist, "absent", null, true)]
    internal void Decides_as_the_api_server_does(LabelOperator comparison, string key, string? values, bool holds) =>
        new LabelSelector([new LabelRequirement(key, comparison, values?.Split(',') ?? [])]).Matches(Labels).Should().Be(holds);

    [Fact]
    public void Needs_every_requirement_to_hold()
    {
        var gold = new LabelRequirement("tier", LabelOperator.In, ["gold"]);
        var ads = new LabelRequirement("team", LabelOperator.In, ["ads"]);

        new LabelSelector([gold]).Matches(Labels).Should().BeTrue();
        new LabelSelector([gold, ads]).Matches(Labels).Should().BeFalse();
        LabelSelector.Everything.Matches(Labels).Should().BeTrue();
    }
}
