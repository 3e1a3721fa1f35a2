namespace Stevedore.Webhook.Policies.Reading;

/// <summary>Which of the valid names somebody may have meant.</summary>
internal static class NearestName
{
    private const int MostShown = 8;

    /// <summary>The rest of a sentence: the name that is nearest, else what there is.</summary>
    public static string Advice(string written, IReadOnlyList<string> valid)
    {
        var (name, distance) = valid.Select(name => (name, Distance(written, name))).DefaultIfEmpty(("", int.MaxValue)).MinBy(pair => pair.Item2);
        if (distance <= Math.Max(2, written.Length / 3))
            return $"did you mean {name}?";
        return valid.Count switch
        {
            0 => "nothing belongs here.",
            <= MostShown => $"write one of {string.Join(", ", valid)}.",
            _ => "kubectl explain mcpol --recursive lists what there is.",
        };
    }

    /// <summary>How many letters to change, add or drop (Levenshtein), whatever their case; what is very long is far from everything.</summary>
    private static int Distance(string one, string other)
    {
        if (one.Length > 64)
            return int.MaxValue;
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var change = diagonal + (char.ToLowerInvariant(one[i - 1]) == char.ToLowerInvariant(other[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
