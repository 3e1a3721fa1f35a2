using System.Diagnostics;
using Spectre.Console;

namespace Stevedore.Demo.Show;

/// <summary>What the steps took, for the table at the end.</summary>
internal sealed class Ledger
{
    private readonly List<Entry> _entries = [];

    /// <summary>Enters a step that is over.</summary>
    public void Add(Entry entry) => _entries.Add(entry);

    /// <summary>The table.</summary>
    public Table Table()
    {
        var table = new Table { Border = TableBorder.Rounded, BorderStyle = new Style(Color.Grey) };
        table.AddColumn("step").AddColumn("took", Right).AddColumn("fetched", Right).AddColumn("served", Right).AddColumn("note");
        foreach (var entry in _entries)
        {
            table.AddRow(
                new Text(entry.Step),
                new Text($"{entry.Took.TotalMilliseconds:0} ms"),
                new Text(Bytes.Text(entry.Fetched)),
                new Text(Bytes.Text(entry.Served)),
                new Text(entry.Note));
        }

        return table;

        static void Right(TableColumn column) => (column.Alignment, column.NoWrap) = (Justify.Right, true);
    }
}

/// <summary>A step that is over.</summary>
/// <param name="Step">Its name.</param>
/// <param name="Took">How long what it is about took, without showing it.</param>
/// <param name="Fetched">Bytes of the model that the fetcher says it received.</param>
/// <param name="Served">Bytes of the model that the fixture handed to its sockets.</param>
/// <param name="Note">What else is worth knowing.</param>
internal sealed record Entry(string Step, TimeSpan Took, long? Fetched, long? Served, string Note);

/// <summary>A step under way.</summary>
internal sealed class Step(string name, Ledger ledger)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>Stops the clock: what follows only checks and shows.</summary>
    public TimeSpan Stop()
    {
        _clock.Stop();
        return _clock.Elapsed;
    }

    /// <summary>Enters the step into the table.</summary>
    public void Close(string note = "", long? fetched = null, long? served = null) => ledger.Add(new Entry(name, Stop(), fetched, served, note));
}
