using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Locking;
using Stevedore.Fetcher.Publishing;
using Stevedore.Fetcher.Reporting;

namespace Stevedore.Fetcher.Upkeep;

/// <summary>How a prune goes about it.</summary>
/// <param name="DryRun">Says what it would do, and touches nothing.</param>
/// <param name="LeaseTtl">After what silence an owner counts as dead.</param>
/// <param name="Settling">How long names that were changed or made may go unnoticed on other nodes; zero where nobody remembers any.</param>
internal sealed record PruneSettings(bool DryRun, TimeSpan LeaseTtl, TimeSpan Settling)
{
    /// <summary>
    /// By the kind of filesystem. Clients of a network filesystem remember entries, also absent ones, for up to 60 s (nfs(5), acdirmax): once for what they still
    /// believe to be there, once for what this one does not see yet.
    /// </summary>
    public static PruneSettings For(CacheLayout cache, bool dryRun, TimeSpan? ttl)
    {
        var local = FilesystemKind.IsLocal(cache.Root);
        return new PruneSettings(dryRun, ttl ?? FilesystemKind.DefaultLeaseTtl(local), local ? TimeSpan.Zero : TimeSpan.FromSeconds(120));
    }
}

/// <summary>The prune, top to bottom: inventory → who lives → leftovers → plan → announcement → second look → removal.</summary>
/// <param name="cache">The cache.</param>
/// <param name="criteria">What may go.</param>
/// <param name="settings">How to go about it.</param>
/// <param name="log">Where the run speaks to a person.</param>
/// <param name="time">The clock.</param>
internal sealed class PruneFlow(CacheLayout cache, PruneCriteria criteria, PruneSettings settings, IRunLog log, TimeProvider time)
{
    private readonly CacheInventory _reader = new(cache);

    /// <summary>Prunes.</summary>
    /// <exception cref="FetchException">Why it can't go on; what is removed by then is gone as a whole.</exception>
    public async Task<PruneReport> RunAsync(CancellationToken cancellationToken)
    {
        // A mark that can't be read ends the run before it has touched anything.
        var marks = Marks();
        if (settings.DryRun)
            return await RunAsync(marks, null, cancellationToken).ConfigureAwait(false);
        PruneReport report;
        using (var licence = RemovalLicence.Grant(cache, settings.LeaseTtl, time))
            report = await RunAsync(marks, licence, cancellationToken).ConfigureAwait(false);
        return report with { BytesLeft = new ContentLedger(_reader.Read(), [], []).Bytes };
    }

    private async Task<PruneReport> RunAsync(IReadOnlyList<PodMark> marks, RemovalLicence? licence, CancellationToken cancellationToken)
    {
        var local = FilesystemKind.IsLocal(cache.Root);
        var watch = licence is null
            ? new OwnerWatch(cache, settings.LeaseTtl, locksWork: false, local, time)
            : new OwnerWatch(cache, licence.Heartbeat, local, time);
        var census = new OwnerCensus(cache, watch, settings.LeaseTtl, time);

        var inventory = _reader.Read();
        var leases = CacheInventory.LeasesOf(cache, inventory);
        await census.TakeAsync(LeftoverSearch.Owners(inventory, leases.Values).Where(owner => owner != licence?.Heartbeat.Id), cancellationToken).ConfigureAwait(false);

        var uses = Uses(census) with { Marks = marks };
        var clock = UseClock.Compare(licence?.FilesystemTime ?? time.GetUtcNow(), time.GetUtcNow(), [.. inventory.Versions.Select(version => version.UsedAt)]);
        if (criteria.UnusedFor is not null && clock.Doubt is { } doubt)
            log.Warn(doubt);
        var leftovers = new LeftoverSearch(
            inventory, leases, census.Dead, uses.Intents.SelectMany(intent => intent.Contents).Select(content => content.Key).ToHashSet(), clock, criteria.UnusedFor).Find();
        var plan = PrunePlan.Make(inventory, leftovers.SelectMany(leftover => leftover.Paths).Concat(licence?.OwnFiles ?? []), criteria, uses, clock);
        if (licence is null)
            return Foreseen(inventory, leftovers, plan);

        var reclaim = new LeftoverRemoval(cache, licence, new LeaseStore(cache, licence.Heartbeat, watch));
        List<ReclaimedLeftovers> reclaimed = [.. leftovers.GroupBy(leftover => leftover.What).Select(kind =>
            new ReclaimedLeftovers(kind.Key, kind.Sum(leftover => leftover.Paths.Count), kind.Sum(reclaim.Remove)))];
        var removal = new VersionRemoval(cache, licence, _reader, () => Uses(census), criteria.IgnoreMarks, settings.Settling, time);
        var (removed, spared) = await removal.RunAsync(inventory, plan.Removals, uses, cancellationToken).ConfigureAwait(false);
        return new PruneReport(
            false, removed, [.. plan.Spared.Concat(spared).Select(Kept)], reclaimed,
            removed.Sum(version => version.Bytes) + reclaimed.Sum(kind => kind.Bytes), plan.BytesLeft);
    }

    private static PruneReport Foreseen(Inventory inventory, IReadOnlyList<Leftover> leftovers, PrunePlan plan)
    {
        var ledger = new ContentLedger(inventory, [], []);
        var before = ledger.Bytes;
        var reclaimed = leftovers.GroupBy(leftover => leftover.What).Select(kind =>
        {
            var start = ledger.Bytes;
            ledger.Remove(kind.SelectMany(leftover => leftover.Paths));
            return new ReclaimedLeftovers(kind.Key, kind.Sum(leftover => leftover.Paths.Count), start - ledger.Bytes);
        }).ToList();
        return new PruneReport(
            true, [.. plan.Removals.Select(removal => VersionRemoval.Describe(removal, removal.Removal.Bytes))], [.. plan.Spared.Select(Kept)], reclaimed,
            before - plan.BytesLeft, plan.BytesLeft);
    }

    private static KeptVersion Kept(Spared spared) => new(VersionRemoval.ReferenceOf(spared.Version), spared.Version.Version, spared.Why);

    // Intents before marks and records: a fetcher leaves those before it takes its intent back.
    private VersionUses Uses(OwnerCensus census)
    {
        var intents = FetchIntent.All(cache).Where(entry => census.MayLive(entry.Owner)).ToList();
        return new VersionUses(
            Marks(), [.. intents.Select(entry => entry.Intent).OfType<Intent>().SelectMany(intent => intent.Versions)], intents.Exists(entry => entry.Intent is null));
    }

    private IReadOnlyList<PodMark> Marks() => criteria.IgnoreMarks ? [] : new PodMarks(cache).All();
}
