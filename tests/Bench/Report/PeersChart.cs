using System.Globalization;
using System.Xml.Linq;
using Stevedore.Bench.Peers;

namespace Stevedore.Bench.Report;

/// <summary>
/// The contests as a picture for a README: a cell for each set and source, a bar for each program, the time for its digests in a paler colour behind
/// it. Its colours follow the reader's own scheme, light or dark.
/// </summary>
/// <param name="contests">What to draw.</param>
/// <param name="footing">Where and how it was measured.</param>
internal sealed class PeersChart(IReadOnlyList<Contest> contests, string footing)
{
    private const int Width = 880;
    private const int Margin = 16;
    private const int Top = 76;
    private const int Gap = 20;
    private const int Head = 24;
    private const int Line = 20;
    private const int Bar = 12;
    private const int Names = 80;
    private const int Figures = 92;

    // A bar that is longer ends at the edge: one slow program would leave all others too short to compare.
    private const double LongestBar = 3;

    private const string Style =
        """
        text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328 }
        .title { font-size: 16px; font-weight: 600 }
        .head { font-weight: 600 }
        .quiet { fill: #59636e; font-size: 11px }
        .ours { font-weight: 600 }
        rect.fetch { fill: #818b98 }
        rect.digest { fill: #d1d9e0 }
        rect.verified { fill: #1f6feb }
        @media (prefers-color-scheme: dark) {
          text { fill: #f0f6fc }
          .quiet { fill: #9198a1 }
          rect.fetch { fill: #9198a1 }
          rect.digest { fill: #3d444d }
          rect.verified { fill: #4493f8 }
        }
        """;

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    /// <summary>The picture, an SVG document.</summary>
    public XDocument Draw()
    {
        var sources = contests.Select(contest => contest.Source).Distinct().ToList();
        var cell = (Width - (2 * Margin) - (Gap * (sources.Count - 1))) / sources.Count;
        var drawn = new List<XElement>();
        var y = Top;
        foreach (var set in contests.GroupBy(contest => contest.Set.Name))
        {
            foreach (var contest in set)
                drawn.AddRange(Cell(contest, Margin + (sources.IndexOf(contest.Source) * (cell + Gap)), y, cell));
            y += Head + (set.Max(contest => contest.Rows.Count) * Line) + Gap;
        }

        return new XDocument(new XElement(
            Svg + "svg",
            new XAttribute("viewBox", $"0 0 {Width} {y + Margin}"),
            new XAttribute("width", Width),
            new XAttribute("role", "img"),
            new XElement(Svg + "title", "Seconds until a model is on the disk and verified"),
            new XElement(Svg + "style", Style),
            Text(Margin, 26, "title", "Seconds until a model is on the disk and verified"),
            Box(Margin, 42, 24, "verified"),
            Text(Margin + 32, 52, "", "stevedore: fetched and verified"),
            Box(252, 42, 24, "fetch"),
            Text(284, 52, "", "a peer's fetch"),
            Box(394, 42, 24, "digest"),
            Text(426, 52, "", "openssl dgst -sha256 of what it fetched, since it verifies nothing"),
            drawn,
            Text(Margin, y + 4, "quiet", footing)));
    }

    private static IEnumerable<XElement> Cell(Contest contest, int x, int y, int width)
    {
        yield return Text(x, y + 12, "head", $"{contest.Set.Title}, {contest.Source.Shown}");
        var rows = contest.Rows.OrderBy(row => row.IsComplete ? row.VerifiedWall : double.MaxValue).ToList();
        var room = width - Names - Figures;
        var longest = rows.Where(row => row.IsComplete).Select(row => row.VerifiedWall).DefaultIfEmpty(1).Min() * LongestBar;
        longest = Math.Min(longest, rows.Where(row => row.IsComplete).Select(row => row.VerifiedWall).DefaultIfEmpty(1).Max());
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            var top = y + Head + (i * Line);
            yield return Text(x, top + 10, row.Verifies ? "ours" : "", row.Program);
            if (!row.IsComplete)
            {
                yield return Text(x + Names, top + 10, "quiet", "not measured");
                continue;
            }

            var fetch = Math.Min(room, row.Wall / longest * room);
            var all = Math.Min(room, row.VerifiedWall / longest * room);
            yield return Box(x + Names, top, fetch, row.Verifies ? "verified" : "fetch");
            if (all > fetch)
                yield return Box(x + Names + fetch, top, all - fetch, "digest");
            var clipped = row.VerifiedWall > longest * 1.001 ? "→ " : "";
            yield return Text(x + Names + all + 5, top + 10, row.Verifies ? "ours" : "", clipped + (row.Verifies ? $"{row.Wall:0.00}" : $"{row.Wall:0.00} + {row.VerifiedWall - row.Wall:0.00}"));
        }
    }

    private static XElement Box(double x, double y, double width, string kind) => new(
        Svg + "rect", At("x", x), At("y", y), At("width", width), At("height", Bar), new XAttribute("rx", 2), new XAttribute("class", kind));

    private static XElement Text(double x, double y, string kind, string text) =>
        new(Svg + "text", At("x", x), At("y", y), kind.Length > 0 ? new XAttribute("class", kind) : null, text);

    private static XAttribute At(string name, double value) => new(name, Math.Round(value, 1).ToString(CultureInfo.InvariantCulture));
}
