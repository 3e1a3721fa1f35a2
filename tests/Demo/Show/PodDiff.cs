using Spectre.Console;

namespace Stevedore.Demo.Show;

/// <summary>A diff of a YAML document: the changed lines, what they belong to, and how much lies between.</summary>
internal static class PodDiff
{
    private const int Margin = 2;

    public static void Show(Stage stage, IReadOnlyList<DiffLine> diff)
    {
        var shown = Shown(diff);
        var skipped = 0;
        for (var i = 0; i <= diff.Count; i++)
        {
            if (i < diff.Count && !shown[i])
            {
                skipped++;
                continue;
            }

            if (skipped > 0)
                stage.Line($"[grey]   ⋮ {skipped} {(skipped == 1 ? "line" : "lines")}[/]");
            skipped = 0;
            if (i < diff.Count)
                Show(stage, diff[i]);
        }
    }

    /// <summary>A line is shown if it changed, or if one that changed belongs to it or stands right beside it.</summary>
    private static bool[] Shown(IReadOnlyList<DiffLine> diff)
    {
        var shown = new bool[diff.Count];
        for (var i = 0; i < diff.Count; i++)
        {
            if (diff[i].Change == Change.None)
                continue;
            shown[Math.Max(0, i - 1)] = shown[i] = shown[Math.Min(diff.Count - 1, i + 1)] = true;
            for (int parent = i - 1, depth = diff[i].Depth; parent >= 0 && depth > 0; parent--)
            {
                if (diff[parent].Depth >= depth)
                    continue;
                shown[parent] = true;
                depth = diff[parent].Depth;
            }
        }

        return shown;
    }

    private static void Show(Stage stage, DiffLine line)
    {
        var (sign, style) = line.Change switch
        {
            Change.Added => ('+', Color.Green),
            Change.Removed => ('-', Color.Red),
            _ => (' ', Color.Grey),
        };
        foreach (var part in Folding.AtCommas(line.Text, stage.Width - Margin - 2))
            stage.Show(new Text($"{new string(' ', Margin)}{sign} {part}\n", new Style(style)));
    }
}
