using Stevedore.Fetcher.Publishing;

namespace Stevedore.Fetcher.Upkeep;

/// <summary>Files that somebody who is dead left behind.</summary>
/// <param name="What">What they are, in a few words.</param>
/// <param name="Paths">The files, relative to the cache.</param>
/// <param name="Key">The content whose lease must be had before they are removed; null for none.</param>
/// <param name="DeadPrune">The run whose licence must be taken away first; null for none.</param>
internal sealed record Leftover(string What, IReadOnlyList<string> Paths, string? Key = null, string? DeadPrune = null);

/// <summary>A lease as it lies in the cache.</summary>
/// <param name="Owner">Who made it; null where it bears no name.</param>
/// <param name="IsReleased">Whether its owner put the content down.</param>
internal readonly record struct SeenLease(string? Owner, bool IsReleased);

/// <summary>Finds what the dead left behind: from values alone.</summary>
/// <param name="inventory">What is there.</param>
/// <param name="leases">Every lease by its path.</param>
/// <param name="dead">Owners that are dead.</param>
/// <param name="wanted">Contents that living fetchers want.</param>
/// <param name="clock">How old things are.</param>
/// <param name="grace">What is younger may still be gone on with; null to keep none.</param>
internal sealed class LeftoverSearch(
    Inventory inventory, IReadOnlyDictionary<string, SeenLease> leases, IReadOnlySet<string> dead, IReadOnlySet<string> wanted, UseClock clock, TimeSpan? grace)
{
    private const string Internal = ".stevedore/";
    private static readonly TimeSpan LongestWrite = TimeSpan.FromHours(1);

    /// <summary>Who owns anything here, dead or alive.</summary>
    public static IEnumerable<string> Owners(Inventory inventory, IEnumerable<SeenLease> leases) =>
    [
        .. inventory.Below(Internal + "fetchers").Select(path => Path.GetFileNameWithoutExtension(path)),
        .. inventory.Below(Internal + "intents").Select(path => Path.GetFileNameWithoutExtension(path)),
        .. inventory.Below(Internal + "partial").Select(OwnerOfPartial).OfType<string>(),
        .. Prunes(inventory).Select(folder => Path.GetFileName(folder)).Where(name => !name.EndsWith(Locking.Condemnation.Revoked, StringComparison.Ordinal)),
        .. leases.Select(lease => lease.Owner).OfType<string>(),
    ];

    /// <summary>What may be removed.</summary>
    public IReadOnlyList<Leftover> Find()
    {
        var fetches = Fetches().ToList();
        var gone = fetches.SelectMany(fetch => fetch.Paths).ToHashSet(StringComparer.Ordinal);
        // By its heartbeat the next fetcher knows at once that the owner of a lease is dead.
        var named = leases.Where(lease => !gone.Contains(lease.Key)).Select(lease => lease.Value.Owner).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return [.. fetches, .. DeadPrunes(), .. Records(named), .. Temporary()];
    }

    private IEnumerable<Leftover> Fetches()
    {
        var files = inventory.Below(Internal + "partial").Concat(inventory.Below(Internal + "leases")).Where(inventory.IsFileOrLink);
        foreach (var content in files.GroupBy(path => Path.GetFileName(path).Split('.')[0], StringComparer.Ordinal))
        {
            var latest = content.Where(leases.ContainsKey).OrderBy(EpochOf).Select(path => leases[path]).Cast<SeenLease?>().LastOrDefault();
            var isHeld = latest is { IsReleased: false, Owner: var owner } && !(owner is not null && dead.Contains(owner));
            var isWritten = content.Select(OwnerOfPartial).OfType<string>().Any(writer => !dead.Contains(writer) && !(latest is { IsReleased: true } released && released.Owner == writer));
            if (!isHeld && !isWritten && !wanted.Contains(content.Key) && !MayBeGoneOnWith(content))
                yield return new Leftover("interrupted fetch", [.. content.Order(StringComparer.Ordinal)], content.Key);
        }
    }

    private IEnumerable<Leftover> DeadPrunes()
    {
        foreach (var folder in Prunes(inventory))
        {
            var name = Path.GetFileName(folder);
            if (dead.Contains(name) || name.EndsWith(Locking.Condemnation.Revoked, StringComparison.Ordinal))
                yield return new Leftover("interrupted removal", [.. inventory.Below(folder)], DeadPrune: name);
        }
    }

    private IEnumerable<Leftover> Records(HashSet<string> named)
    {
        var heartbeats = inventory.Below(Internal + "fetchers").Where(path => !named.Contains(Path.GetFileNameWithoutExtension(path)));
        foreach (var path in inventory.Below(Internal + "intents").Concat(heartbeats))
        {
            if (inventory.IsFileOrLink(path) && dead.Contains(Path.GetFileNameWithoutExtension(path)))
                yield return new Leftover("record of a dead process", [path]);
        }
    }

    private IEnumerable<Leftover> Temporary()
    {
        foreach (var (path, entry) in inventory.Entries)
        {
            if (entry.Kind != EntryKind.Folder && IsTemporary(path) && clock.AgeOf(entry.ModifiedAt) > LongestWrite)
                yield return new Leftover("temporary file", [path]);
        }
    }

    // What is renamed or removed a moment after it was made, everywhere in a cache; what is in the trash belongs to its prune.
    private static bool IsTemporary(string path) => !path.StartsWith(Internal + "trash/", StringComparison.Ordinal)
        && (Inventory.IsTemporary(path) || path.StartsWith(Internal + "probe-", StringComparison.Ordinal) || (Path.GetFileName(path) is ['.', ..] name && name.EndsWith(".look", StringComparison.Ordinal)));

    private bool MayBeGoneOnWith(IEnumerable<string> content) => grace is { } limit
        && content.Select(path => inventory.Entries[path].ModifiedAt).Max() is var touched && !(clock.AgeOf(touched) >= limit);

    private static IEnumerable<string> Prunes(Inventory inventory) => inventory.Below(Internal + "trash")
        .Where(path => path.AsSpan().Count('/') == 2 && inventory.Entries[path].Kind == EntryKind.Folder);

    // KEY.EPOCH.OWNER, KEY.EPOCH.OWNER.journal, KEY.OWNER.small
    private static string? OwnerOfPartial(string path) => Path.GetFileName(path).Split('.') switch
    {
        [_, var owner, "small"] => owner,
        [_, _, var owner] => owner,
        [_, _, var owner, "journal"] => owner,
        _ => null,
    };

    private static int EpochOf(string path) => int.TryParse(Path.GetExtension(path).AsSpan(1), out var epoch) ? epoch : 0;
}
