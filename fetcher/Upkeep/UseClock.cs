namespace Stevedore.Fetcher.Upkeep;

/// <summary>
/// Ages by times of files, as far as clocks can be believed. Both ends come from whoever keeps the filesystem; where its clock and this machine's disagree, or nothing in
/// the cache was used within a year, one of them may have jumped, and no age is known.
/// </summary>
/// <param name="Now">The filesystem's own time; null where no age is to be believed.</param>
/// <param name="Doubt">Why not, as a sentence; null where ages are known.</param>
internal sealed record UseClock(DateTimeOffset? Now, string? Doubt)
{
    private static readonly TimeSpan LargestDisagreement = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestSleep = TimeSpan.FromDays(366);
    private static readonly TimeSpan Absurd = TimeSpan.FromDays(3660);

    /// <summary>Compares clocks.</summary>
    /// <param name="filesystem">The time of a file that was written just now.</param>
    /// <param name="machine">This machine's time.</param>
    /// <param name="uses">When versions were used.</param>
    public static UseClock Compare(DateTimeOffset filesystem, DateTimeOffset machine, IReadOnlyCollection<DateTimeOffset> uses)
    {
        if ((filesystem - machine).Duration() > LargestDisagreement)
            return new UseClock(null, $"The volume's clock says {filesystem:yyyy-MM-dd HH:mm} UTC and this machine's {machine:yyyy-MM-dd HH:mm}: nothing is removed by its age until they agree.");
        if (uses.Count > 0 && uses.Max() is var last && filesystem - last > LongestSleep)
            return new UseClock(null, $"Nothing here was used since {last:yyyy-MM-dd}, or the clock has jumped: nothing is removed by its age; if the clock is right, use --max-bytes.");
        return new UseClock(filesystem, null);
    }

    /// <summary>For how long something was not used; null where that is not known, as for a time in the future.</summary>
    public TimeSpan? AgeOf(DateTimeOffset usedAt) => Now - usedAt is { } age && age >= TimeSpan.Zero && age <= Absurd ? age : null;

    /// <summary>Puts uses in order: a time in the future means now.</summary>
    public DateTimeOffset Rank(DateTimeOffset usedAt) => Now is { } now && usedAt > now ? now : usedAt;
}
