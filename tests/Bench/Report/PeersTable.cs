using Spectre.Console;
using Stevedore.Bench.Peers;

namespace Stevedore.Bench.Report;

/// <summary>The contests as a table: medians, and how they stand to the fastest.</summary>
internal static class PeersTable
{
    private const double Mebi = 1 << 20;

    /// <summary>One row a program.</summary>
    public static Table Of(IReadOnlyList<Contest> contests)
    {
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumn("set").AddColumn("source").AddColumn("program").AddColumn("wall s", Right).AddColumn("with digests s", Right)
            .AddColumn("CPU s/GB", Right).AddColumn("peak MiB", Right).AddColumn("× fastest", Right).AddColumn("× fastest + digests", Right);
        foreach (var contest in contests)
        {
            foreach (var row in contest.Rows.OrderBy(row => row.IsComplete ? row.VerifiedWall : double.MaxValue))
                table.AddRow(Cells(contest, row));
        }

        return table;

        static void Right(TableColumn column) => column.Alignment = Justify.Right;
    }

    /// <summary>Why a program has no figures.</summary>
    public static IEnumerable<string> Troubles(IReadOnlyList<Contest> contests) =>
        from contest in contests
        from row in contest.Rows
        where row.Trouble is not null
        select $"{contest.Set.Title}, {contest.Source.Shown}: {row.Program} failed: {row.Trouble}";

    private static IEnumerable<Text> Cells(Contest contest, Row row)
    {
        Text[] head = [new(contest.Set.Title), new(contest.Source.Shown), new(row.Verifies ? row.Program + " (verifies)" : row.Program)];
        return row.IsComplete
            ?
            [
                .. head, Number(row.Wall), Number(row.VerifiedWall), Number(contest.ProcessorOf(row)), new Text($"{row.PeakBytes / Mebi:0}"),
                Number(contest.ToFastest(row)), Number(contest.ToFastestVerified(row)),
            ]
            : [.. head, new Text("failed")];
    }

    private static Text Number(double? value) => new(value is { } number ? $"{number:0.00}" : "");
}
