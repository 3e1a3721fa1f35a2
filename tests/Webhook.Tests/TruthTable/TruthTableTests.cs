using System.Text.Json.Nodes;
using Stevedore.Webhook.Injection;
using Stevedore.Webhook.Tests.Injection;

namespace Stevedore.Webhook.Tests.TruthTable;

public sealed class TruthTableTests
{
    public static TheoryData<int> Lines => [.. TruthTable.Rows.Keys];

    [Theory]
    [MemberData(nameof(Lines))]
    public void Is_what_the_webhook_decides(int line)
    {
        var row = TruthTable.Rows[line];

        Outcome(row, Door.Explicit).Should().Be(row.AtExplicit, "that is what line {0} of table.md says of the explicit door", line);
        Outcome(row, Door.Detected).Should().Be(row.AtDetected, "that is what line {0} of table.md says of the detected door", line);
    }

    [Fact]
    public void Has_a_row_for_every_reason()
    {
        var reasons = Enum.GetNames<SkipReason>().Except([nameof(SkipReason.NotANewPod)]).Concat(Enum.GetNames<DenyReason>());

        var rows = TruthTable.Rows.Values.SelectMany(row => new[] { row.AtExplicit, row.AtDetected }).Select(cell => cell.TrimEnd('*').Split(' ')[1]).ToHashSet();

        reasons.Where(reason => !rows.Contains(reason)).Should().BeEmpty();
    }

    private static string Outcome(TruthRow row, Door door)
    {
        var (answer, pod) = InjectedPod.From(row.Pod, door, row.Labels, row.Policies);
        if (answer.Outcome != PodOutcome.Injected)
            JsonNode.DeepEquals(pod, row.Pod).Should().BeTrue("line {0} leaves the pod alone", row.Line);
        var what = answer.Outcome == PodOutcome.Injected ? $"{answer.Strategy} ({answer.Policy})" : answer.Reason;
        return $"{answer.Outcome} {what}{(answer.Warnings.Count > 0 ? "*" : "")}";
    }
}
