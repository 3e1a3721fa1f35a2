using System.Text.RegularExpressions;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Stevedore.Demo.Show;

/// <summary>The terminal, or a plain text of fixed width where output is redirected or <c>NO_COLOR</c> is set.</summary>
internal sealed partial class Stage
{
    private const int WidestLine = 118;
    private const int LeastValue = 20;
    private const int Margin = 2;

    private readonly IAnsiConsole _console;
    private readonly string _scratch;

    private Stage(IAnsiConsole console, string scratch) => (_console, _scratch) = (console, scratch);

    /// <summary>Columns of a line.</summary>
    public int Width => _console.Profile.Width;

    /// <summary>The process's own stdout.</summary>
    /// <param name="scratch">The folder that is shown as <c>$TMP</c>.</param>
    public static Stage OfProcess(string scratch)
    {
        var isPlain = Console.IsOutputRedirected || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isPlain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = isPlain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = InteractionSupport.No,
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        console.Profile.Width = Console.IsOutputRedirected ? WidestLine : Math.Min(console.Profile.Width, WidestLine);
        return new Stage(console, scratch);
    }

    /// <summary>A text as people read it: the temporary folder is <c>$TMP</c>, and of a digest or commit the first twelve digits are enough.</summary>
    public string Brief(string text) => Digest().Replace(text.Replace(_scratch, "$TMP", StringComparison.Ordinal), "$1…");

    /// <summary>A rule with the number and the title of a step.</summary>
    public void Heading(string number, string title)
    {
        _console.WriteLine();
        _console.Write(new Rule($"[bold aqua]{number}[/] [bold default]{Markup.Escape(title)}[/]") { Justification = Justify.Left, Style = Style.Parse("grey") });
    }

    /// <summary>A line; what is interpolated is shown as it is, markup around it counts.</summary>
    public void Line(FormattableString markup) => _console.MarkupLineInterpolated(markup);

    /// <summary>Names and values, one pair a line; a name that repeats the one above it is left out.</summary>
    public void Facts(params ReadOnlySpan<(string Name, string Value)> facts)
    {
        var column = 0;
        foreach (var (name, _) in facts)
            column = Math.Max(column, name.Length);
        var above = "";
        foreach (var (name, value) in facts)
        {
            var label = name == above ? "" : name;
            above = name;
            foreach (var line in Folding.AtSpaces(value, Math.Max(LeastValue, Width - column - (2 * Margin))))
            {
                Line($"{new string(' ', Margin)}[grey]{label.PadRight(column + Margin)}[/]{line}");
                label = "";
            }
        }
    }

    /// <summary>Anything that Spectre can draw.</summary>
    public void Show(IRenderable drawing) => _console.Write(drawing);

    [GeneratedRegex("(?<![0-9a-f])([0-9a-f]{12})[0-9a-f]{20,}")]
    private static partial Regex Digest();
}
