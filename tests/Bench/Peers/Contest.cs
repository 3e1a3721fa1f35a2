using Stevedore.Bench.Report;

namespace Stevedore.Bench.Peers;

/// <summary>All turns of all programs at one set from one source.</summary>
/// <param name="Set">What was fetched.</param>
/// <param name="Source">How it was served.</param>
/// <param name="Rows">One for each program that speaks to such a source.</param>
internal sealed record Contest(FileSet Set, Source Source, IReadOnlyList<Row> Rows)
{
    private IEnumerable<Row> Peers => Rows.Where(row => !row.Verifies && row.IsComplete);

    /// <summary>Median seconds of the fastest that verifies nothing; null where none is here.</summary>
    public double? FastestPeer => Peers.Min(row => (double?)row.Wall);

    /// <summary>Median seconds of the fastest whose digests were taken afterwards.</summary>
    public double? FastestVerifiedPeer => Peers.Min(row => (double?)row.VerifiedWall);

    /// <summary>Processor seconds a GB of the one that was the fastest, its digests included.</summary>
    public double? ProcessorOfFastest => Peers.MinBy(row => row.Wall) is { } fastest ? ProcessorOf(fastest) : null;

    /// <summary>Processor seconds a GB (10⁹ bytes) of a verified set.</summary>
    public double ProcessorOf(Row row) => row.VerifiedProcessor / (Set.Bytes / 1e9);

    /// <summary>Fetched and verified in how many times the time that the fastest peer takes to fetch alone.</summary>
    public double? ToFastest(Row row) => row.Wall / FastestPeer;

    /// <summary>Fetched and verified in how many times the time that the fastest peer takes for both.</summary>
    public double? ToFastestVerified(Row row) => row.VerifiedWall / FastestVerifiedPeer;
}

/// <summary>One program's turns.</summary>
/// <param name="Program">Its name.</param>
/// <param name="Verifies">Whether it verifies by itself.</param>
/// <param name="Turns">Each round's.</param>
/// <param name="Trouble">Why it has not finished all of them; null where it has.</param>
internal sealed record Row(string Program, bool Verifies, IReadOnlyList<TurnTook> Turns, string? Trouble)
{
    /// <summary>Whether it fetched the set in every round.</summary>
    public bool IsComplete => Trouble is null && Turns.Count > 0;

    /// <summary>Median seconds of the fetch.</summary>
    public double Wall => Median(turn => turn.Wall);

    /// <summary>Median seconds until everything was verified.</summary>
    public double VerifiedWall => Median(turn => turn.Wall + turn.DigestWall);

    /// <summary>Median seconds of processor time until everything was verified.</summary>
    public double VerifiedProcessor => Median(turn => turn.Processor + turn.DigestProcessor);

    /// <summary>The worst round's resident memory, in bytes.</summary>
    public long PeakBytes => Turns.Max(turn => turn.PeakBytes);

    private double Median(Func<TurnTook, double> figure) => new Spread(Turns.Select(figure)).Median;
}
