using Stevedore.Bench.Peers;

namespace Stevedore.Bench.Report;

/// <summary>The contests for machines: medians, ratios, and every round.</summary>
internal static class PeersDocument
{
    /// <summary>Serializable as it is.</summary>
    public static IEnumerable<object> Of(IReadOnlyList<Contest> contests) => contests.Select(contest => new
    {
        set = contest.Set.Name,
        contest.Set.Title,
        contest.Set.Bytes,
        files = contest.Set.Sizes.Count,
        source = contest.Source.Shown,
        programs = contest.Rows.Select(row => Program(contest, row)),
    });

    private static object Program(Contest contest, Row row) => row.IsComplete
        ? new
        {
            name = row.Program,
            row.Verifies,
            wallSeconds = Rounded(row.Wall),
            withDigestsSeconds = Rounded(row.VerifiedWall),
            processorSecondsPerGB = Rounded(contest.ProcessorOf(row)),
            row.PeakBytes,
            toFastestPeer = Rounded(contest.ToFastest(row)),
            toFastestPeerWithDigests = Rounded(contest.ToFastestVerified(row)),
            rounds = row.Turns.Select(turn => new
            {
                wall = Rounded(turn.Wall),
                digest = Rounded(turn.DigestWall),
                processor = Rounded(turn.Processor),
                digestProcessor = Rounded(turn.DigestProcessor),
                turn.PeakBytes,
            }),
        }
        : new { name = row.Program, row.Verifies, trouble = row.Trouble };

    private static double? Rounded(double? value) => value is { } number ? Math.Round(number, 3) : null;
}
