using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;
using Stevedore.Bench.Peers;
using Stevedore.Programs;

namespace Stevedore.Bench.Report;

/// <summary>All figures of a run: tables for people, <c>artifacts/bench/report.json</c> for machines, and the contests also as a picture beside it.</summary>
internal sealed class BenchReport(Checkout checkout, Machine machine, BenchSettings settings, IReadOnlyList<Figure> figures, IReadOnlyList<Contest> contests)
{
    private const int PlainWidth = 120;

    // What the README shows.
    private const string Kept = "tests/Bench/peers.";

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
        if (contests.Count > 0)
            console.Write(PeersTable.Of(contests));
        foreach (var trouble in PeersTable.Troubles(contests))
            console.WriteLine(trouble);
        console.Write(Table());
        var path = Path.Combine(checkout.Root, "artifacts", "bench", "report.json");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, JsonSerializer.Serialize(Document(), Indented) + "\n");
        Draw(Path.ChangeExtension(path, "svg"));
        Keep(path);
        var over = figures.Where(figure => figure.Holds == false).ToList();
        console.WriteLine($"{machine}; seed {settings.Seed}");
        console.WriteLine($"{figures.Count(figure => figure.Holds == true)} ok, {over.Count} over; {path}");
        return over.Count == 0;
    }

    private void Draw(string path)
    {
        if (contests.Count > 0)
            File.WriteAllText(path, new PeersChart(contests, Footing()).Draw() + "\n");
    }

    /// <summary>The repository keeps only what was measured in full.</summary>
    private void Keep(string path)
    {
        if (!settings.Peers.Keep)
            return;
        if (!settings.Peers.IsFull || settings.Rounds < PeerSettings.FullRounds || contests.Count == 0)
            throw new ProgramException($"The kept result is not replaced: it needs every set, source and program in full size, and at least {PeerSettings.FullRounds} rounds.");
        foreach (var extension in new[] { "json", "svg" })
            File.Copy(Path.ChangeExtension(path, extension), Path.Combine(checkout.Root, Kept + extension), overwrite: true);
    }

    private string Footing() =>
        $"Medians of {settings.Rounds}; {machine.Processors} processors; nginx serves from memory on the same machine; everybody writes to {settings.Peers.FileSystem} and syncs it.";

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
        settings.Rounds,
        fileSystem = settings.Peers.FileSystem,
        contests = PeersDocument.Of(contests),
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
