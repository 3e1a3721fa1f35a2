using System.Text;

namespace Stevedore.Webhook.Tests.Injection;

/// <summary>What differs between two texts, by lines, for a person who reads a failed test.</summary>
internal static class TextDiff
{
    public static string Of(string expected, string actual)
    {
        var (before, after) = (expected.Split('\n'), actual.Split('\n'));
        // common[i, j]: the length of the longest common subsequence of what follows line i and line j.
        var common = new int[before.Length + 1, after.Length + 1];
        for (var i = before.Length - 1; i >= 0; i--)
        {
            for (var j = after.Length - 1; j >= 0; j--)
                common[i, j] = before[i] == after[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        }

        var text = new StringBuilder();
        for (int i = 0, j = 0; i < before.Length || j < after.Length;)
        {
            if (i < before.Length && j < after.Length && before[i] == after[j])
                (i, j) = (i + 1, j + 1);
            else if (i < before.Length && (j == after.Length || common[i + 1, j] >= common[i, j + 1]))
                text.Append("- ").AppendLine(before[i++]);
            else
                text.Append("+ ").AppendLine(after[j++]);
        }

        return text.ToString();
    }
}
