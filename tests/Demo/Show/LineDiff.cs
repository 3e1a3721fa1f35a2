namespace Stevedore.Demo.Show;

/// <summary>What became of a line.</summary>
internal enum Change
{
    /// <summary>It is in both texts.</summary>
    None,

    /// <summary>It is in the later text only.</summary>
    Added,

    /// <summary>It is in the earlier text only.</summary>
    Removed,
}

/// <summary>A line of either text.</summary>
internal readonly record struct DiffLine(Change Change, string Text)
{
    /// <summary>
    /// How deep the line lies in a YAML document, for comparing: an item of a list is deeper than the key above it although both begin in the same
    /// column, and what belongs to the item is deeper still.
    /// </summary>
    public int Depth
    {
        get
        {
            var column = Text.Length - Text.TrimStart(' ').Length;
            return (2 * column) + (Text.AsSpan(column).StartsWith("- ") ? 1 : 0);
        }
    }
}

/// <summary>The shortest way from one text to another, by lines.</summary>
internal static class LineDiff
{
    public static IReadOnlyList<DiffLine> Of(string before, string after)
    {
        var (old, now) = (before.TrimEnd('\n').Split('\n'), after.TrimEnd('\n').Split('\n'));
        var common = Common(old, now);
        var lines = new List<DiffLine>();
        for (int i = 0, j = 0; i < old.Length || j < now.Length;)
        {
            if (i < old.Length && j < now.Length && old[i] == now[j])
            {
                lines.Add(new DiffLine(Change.None, old[i++]));
                j++;
            }
            else if (j == now.Length || (i < old.Length && common[i + 1, j] >= common[i, j + 1]))
            {
                lines.Add(new DiffLine(Change.Removed, old[i++]));
            }
            else
            {
                lines.Add(new DiffLine(Change.Added, now[j++]));
            }
        }

        return lines;
    }

    /// <summary>At [i, j]: how many lines the rests from line i and line j have in common, in order.</summary>
    private static int[,] Common(string[] old, string[] now)
    {
        var common = new int[old.Length + 1, now.Length + 1];
        for (var i = old.Length - 1; i >= 0; i--)
        {
            for (var j = now.Length - 1; j >= 0; j--)
                common[i, j] = old[i] == now[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        }

        return common;
    }
}
