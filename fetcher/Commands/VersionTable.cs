using Stevedore.Fetcher.Upkeep;

namespace Stevedore.Fetcher.Commands;

/// <summary>The versions of a cache as a table for people.</summary>
internal static class VersionTable
{
    private static readonly string[] Heads = ["REFERENCE", "VERSION", "REVISIONS", "FILES", "SIZE", "OWN", "STATE", "LAST USED", "PUBLISHED", "MARKED BY"];

    /// <summary>Writes it, with a line below it about the whole.</summary>
    /// <param name="versions">What to show.</param>
    /// <param name="bytes">Bytes of the whole cache, shared ones counted once.</param>
    /// <param name="leftoverBytes">How many of them dead fetchers left behind.</param>
    /// <param name="output">Where to write.</param>
    public static void Write(IReadOnlyList<CachedVersion> versions, long bytes, long leftoverBytes, TextWriter output)
    {
        List<string[]> rows = [Heads, .. versions.Select(Row)];
        var widths = Enumerable.Range(0, Heads.Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
            output.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        output.WriteLine($"{Human(bytes)} in all" + (leftoverBytes == 0 ? "" : $", {Human(leftoverBytes)} of it left behind by dead fetchers: prune reclaims it"));
    }

    private static string[] Row(CachedVersion version) =>
    [
        version.Reference + (version.Filter is "default" or "" ? "" : $" (filter {version.Filter})"),
        version.Version[..Math.Min(12, version.Version.Length)],
        Listed(version.Revisions),
        version.Files.ToString(),
        Human(version.Bytes),
        Human(version.BytesOwn),
        StateOf(version),
        Shown(version.LastUsedAt),
        version.PublishedAt is { } at ? Shown(at) : "-",
        Listed([.. version.Marks.Select(ShortNameOf)]),
    ];

    private static string StateOf(CachedVersion version)
    {
        if (version.InProgress is [var fetch, ..])
            return $"{(fetch.BytesWanted == 0 ? 1 : fetch.BytesPresent / (double)fetch.BytesWanted):P0} by {string.Join(", ", version.InProgress.Select(one => one.Owner))}";
        return version.Complete ? "complete" : version.PublishedAt is null ? "interrupted" : "incomplete";
    }

    // NAMESPACE/NAME/UID@NODE
    private static string ShortNameOf(string mark) => mark.Split('/') is [var space, var name, _] ? $"{space}/{name}" : mark;

    private static string Listed(IReadOnlyList<string> texts) => texts.Count == 0 ? "-" : string.Join(",", texts);

    private static string Shown(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'");

    private static string Human(long bytes) => bytes switch
    {
        >= 1L << 30 => $"{bytes / (double)(1L << 30):0.0} GiB",
        >= 1L << 20 => $"{bytes / (double)(1L << 20):0.0} MiB",
        >= 1L << 10 => $"{bytes / (double)(1L << 10):0.0} KiB",
        _ => $"{bytes} B",
    };
}
