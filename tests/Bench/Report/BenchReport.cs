using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;
using Stevedore.Programs;

namespace Stevedore.Bench.Report;

/// <summary>All figures of a run: a table for people, <c>artifacts/bench/report.json</c> for machines.</summary>
internal sealed class BenchReport(Checkout checkout, Machine machine, BenchSettings settings, IReadOnlyList<Figure> figures)
{
    private const int PlainWidth = 120;

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Prints and writes.</summary>
    /// <returns>Whether every figure keeps within its limit.</returns>
    public bool Publish()
    {
        var console = Terminal();
        console.Write(Table());
        var path = Path.Combine(checkout.Root, "artifacts", "bench", "report.json");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, JsonSerializer.Serialize(Document(), Indented) + "\n");
        var over = figures.Where(figure => figure.Holds == false).ToList();
        console.WriteLine($"{machine}; seed {settings.Seed}");
        console.WriteLine($"{figures.Count(figure => figure.Holds == true)} ok, {over.Count} over; {path}");
        return over.Count == 0;
    }

    private static IAnsiConsole Terminal()
    {
        var isPlain = Console.IsOutputRedirected || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isPlain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = isPlain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        if (Console.IsOutputRedirected)
            console.Profile.Width = PlainWidth;
        return console;
    }

    private Table Table()
    {
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumn("part").AddColumn("figure").AddColumn("value", Right).AddColumn("limit", Right).AddColumn("").AddColumn("note");
        foreach (var figure in figures)
        {
            table.AddRow(
                new Text(figure.Part),
                new Text(figure.Name),
                new Text($"{Number(figure.Value)} {figure.Unit}".TrimEnd()),
                new Text(Limit(figure)),
                figure.Holds switch
                {
                    true => new Markup("[green]ok[/]"),
                    false => new Markup("[bold red]over[/]"),
                    null => new Text(""),
                },
                new Text(figure.Note));
        }

        return table;

        static void Right(TableColumn column) => (column.Alignment, column.NoWrap) = (Justify.Right, true);
    }

    private object Document() => new
    {
        seed = settings.Seed,
        machine,
        figures = figures.Select(figure => new
        {
            figure.Part,
            figure.Name,
            value = double.IsFinite(figure.Value) ? Math.Round(figure.Value, 4) : (double?)null,
            figure.Unit,
            figure.AtMost,
            figure.AtLeast,
            ok = figure.Holds,
            figure.Note,
        }),
    };

    private static string Limit(Figure figure) => figure switch
    {
        { AtMost: { } most, AtLeast: { } least } when most == least => $"= {Number(most)}",
        { AtMost: { } most } => $"≤ {Number(most)}",
        { AtLeast: { } least } => $"≥ {Number(least)}",
        _ => "",
    };

    private static string Number(double value) => value == Math.Round(value) ? value.ToString("0") : Math.Abs(value) switch
    {
        >= 100 => value.ToString("0"),
        >= 10 => value.ToString("0.0"),
        _ => value.ToString("0.00"),
    };
}
