using Stevedore.Fetcher.Locking;
using Stevedore.Fetcher.Publishing;

namespace Stevedore.Fetcher.Upkeep;

/// <summary>A version that goes, and why.</summary>
/// <param name="Removal">What goes with it.</param>
/// <param name="Why">The criterion, in a few words.</param>
internal sealed record CondemnedBy(Removal Removal, string Why);

/// <summary>A version that a criterion would have removed.</summary>
/// <param name="Version">The version.</param>
/// <param name="Why">Who needs it.</param>
internal sealed record Spared(RecordedVersion Version, string Why);

/// <summary>What a prune removes: decided from values alone.</summary>
/// <param name="Removals">What goes, in this order.</param>
/// <param name="Spared">What would have gone, but is needed.</param>
/// <param name="BytesLeft">Bytes of the whole cache afterwards.</param>
internal sealed record PrunePlan(IReadOnlyList<CondemnedBy> Removals, IReadOnlyList<Spared> Spared, long BytesLeft)
{
    /// <summary>Decides.</summary>
    /// <param name="inventory">What is there.</param>
    /// <param name="leftovers">Files that go in any case.</param>
    /// <param name="criteria">What may go.</param>
    /// <param name="uses">Who needs what.</param>
    /// <param name="clock">How old things are.</param>
    public static PrunePlan Make(Inventory inventory, IEnumerable<string> leftovers, PruneCriteria criteria, VersionUses uses, UseClock clock)
    {
        var ledger = new ContentLedger(inventory, inventory.Versions, uses.Intents);
        ledger.Remove(leftovers);
        var removals = new List<CondemnedBy>();
        var spared = new List<Spared>();
        var leastRecentFirst = inventory.Versions
            .OrderBy(version => clock.Rank(version.UsedAt)).ThenBy(version => version.Folder, StringComparer.Ordinal).ThenBy(version => version.Version, StringComparer.Ordinal)
            .ToList();
        var kept = criteria.Keep is { } keep ? KeptOf(leastRecentFirst, keep) : null;

        foreach (var version in leastRecentFirst)
        {
            if (RuleOf(version) is { } why)
                Condemn(version, why);
        }

        if (criteria.MaxBytes is { } most)
        {
            foreach (var version in leastRecentFirst.Where(version => !removals.Exists(removal => removal.Removal.Version == version)))
            {
                if (ledger.Bytes <= most.Bytes)
                    break;
                Condemn(version, $"the cache is larger than {most}");
            }
        }

        return new PrunePlan(removals, [.. spared.DistinctBy(entry => entry.Version)], ledger.Bytes);

        string? RuleOf(RecordedVersion version)
        {
            if (kept?.Contains(version) == true)
                return null;
            var beyond = kept is null ? null : $"beyond the {criteria.Keep} last used";
            if (criteria.UnusedFor is not { } limit)
                return beyond;
            return clock.AgeOf(version.UsedAt) is { } age && age >= limit ? string.Join(", ", new[] { beyond, $"unused for {Shown(age)}" }.OfType<string>()) : null;
        }

        void Condemn(RecordedVersion version, string why)
        {
            if (uses.WhoNeeds(version, criteria.IgnoreMarks) is { } who)
                spared.Add(new Spared(version, who));
            else
                removals.Add(new CondemnedBy(ledger.Remove(version), why));
        }
    }

    /// <summary>The same versions but those that somebody has come to need since, and of each only what nobody has.</summary>
    /// <param name="inventory">What is there now.</param>
    /// <param name="condemned">The versions that still go, as they were recorded when that was decided.</param>
    /// <param name="uses">Who needs what now.</param>
    public static IReadOnlyList<Removal> Narrow(Inventory inventory, IReadOnlyList<RecordedVersion> condemned, VersionUses uses)
    {
        var gone = condemned.Select(version => (version.Folder, version.Version)).ToHashSet();
        var ledger = new ContentLedger(inventory, [.. inventory.Versions.Where(version => !gone.Contains((version.Folder, version.Version))), .. condemned], uses.Intents);
        return [.. condemned.Select(ledger.Remove)];
    }

    /// <summary>What is said about removals before they begin.</summary>
    public static IReadOnlyList<CondemnedVersion> Announced(Inventory inventory, IReadOnlyList<Removal> removals, VersionUses uses)
    {
        var paths = removals.SelectMany(removal => removal.Paths).ToHashSet(StringComparer.Ordinal);
        return [.. removals.Select(removal => new CondemnedVersion(
            removal.Version.Folder, removal.Version.Version, removal.Blobs, EmptiesModel(inventory, removal.Version.Folder, paths, uses)))];
    }

    private static bool EmptiesModel(Inventory inventory, string folder, HashSet<string> gone, VersionUses uses) =>
        !inventory.Below(folder).Concat(inventory.Below(Inventory.RecordsOf(folder))).Any(path => inventory.IsFileOrLink(path) && !gone.Contains(path))
        && !uses.Intents.Any(intent => (intent.Folder + "/").StartsWith(folder + "/", StringComparison.Ordinal));

    // Of those that are complete: an interrupted fetch must not push out what it was to succeed. What was used after the last of them is on its way to become one.
    private static HashSet<RecordedVersion> KeptOf(List<RecordedVersion> leastRecentFirst, int keep)
    {
        var kept = new HashSet<RecordedVersion>(ReferenceEqualityComparer.Instance);
        foreach (var model in leastRecentFirst.AsEnumerable().Reverse().GroupBy(version => version.Folder))
        {
            var complete = 0;
            foreach (var version in model.TakeWhile(_ => complete < keep))
            {
                kept.Add(version);
                complete += version.Completions.Count > 0 ? 1 : 0;
            }
        }

        return kept;
    }

    private static string Shown(TimeSpan age) => age.TotalHours < 48 ? $"{age.TotalHours:0.#} h" : $"{age.TotalDays:0} d";
}
