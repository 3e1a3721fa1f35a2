using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Publishing;
using Stevedore.Fetcher.Upkeep;

namespace Stevedore.Fetcher.Locking;

/// <summary>
/// Removes versions so that a fetcher or a reader that wants one after all is never harmed. First it says which are to go and takes the records away by which they count
/// as complete. Whoever was faster has left an intent, a mark or a touch on that record by then, and the second look spares its version; whoever comes later finds no
/// record, declares an intent and waits. Only then names go, then blobs that nobody else needs, then what was recorded.
/// </summary>
/// <param name="cache">The cache.</param>
/// <param name="licence">The right to remove.</param>
/// <param name="reader">Reads what is there.</param>
/// <param name="uses">Who needs what now.</param>
/// <param name="ignoreMarks">Whether marked versions count as unmarked.</param>
/// <param name="settling">How long what others do may go unnoticed here.</param>
/// <param name="time">The clock.</param>
internal sealed class VersionRemoval(
    CacheLayout cache, RemovalLicence licence, CacheInventory reader, Func<VersionUses> uses, bool ignoreMarks, TimeSpan settling, TimeProvider time)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly CacheTree _tree = new(cache.Root);
    private readonly List<Withdrawn> _withdrawn = [];

    /// <summary>Removes what the plan names and nobody comes to need.</summary>
    public async Task<(IReadOnlyList<RemovedVersion> Removed, IReadOnlyList<Spared> Spared)> RunAsync(
        Inventory inventory, IReadOnlyList<CondemnedBy> planned, VersionUses usedThen, CancellationToken cancellationToken)
    {
        if (planned.Count == 0)
            return ([], []);
        try
        {
            return await RemoveAsync(inventory, planned, usedThen, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // Stopped half-way: what nothing was removed of yet is as complete as it was.
            foreach (var record in _withdrawn)
                licence.GiveBack(record.Name, record.Path);
        }
    }

    /// <summary>A removal for people.</summary>
    public static RemovedVersion Describe(CondemnedBy removal, long bytes) =>
        new(ReferenceOf(removal.Removal.Version), removal.Removal.Version.Version, bytes, removal.Why);

    /// <summary>What a person calls a version's model.</summary>
    public static string ReferenceOf(RecordedVersion version) => version.Completions.Count > 0 ? version.Completions[0].Reference : version.Folder;

    private async Task<(IReadOnlyList<RemovedVersion> Removed, IReadOnlyList<Spared> Spared)> RemoveAsync(
        Inventory inventory, IReadOnlyList<CondemnedBy> planned, VersionUses usedThen, CancellationToken cancellationToken)
    {
        licence.Announce(PrunePlan.Announced(inventory, [.. planned.Select(removal => removal.Removal)], usedThen));
        foreach (var version in planned.Select(removal => removal.Removal.Version))
            Withdraw(inventory, version);

        var condemned = planned.Select(removal => removal.Removal.Version).ToList();
        var spared = new List<Spared>();
        IReadOnlyList<Removal> removals;
        var started = time.GetTimestamp();
        while (true)
        {
            var isLastLook = time.GetElapsedTime(started) >= settling;
            var usedNow = uses();
            foreach (var version in condemned.Where(version => WhoNeeds(version, usedNow) is not null).ToList())
            {
                condemned.Remove(version);
                spared.Add(new Spared(version, WhoNeeds(version, usedNow)!));
                GiveBack(version);
            }

            inventory = reader.Read();
            removals = PrunePlan.Narrow(inventory, condemned, usedNow);
            // A fetcher that waits for something that is spared now goes on.
            licence.Announce(PrunePlan.Announced(inventory, removals, usedNow));
            if (isLastLook || condemned.Count == 0)
                break;
            await Task.Delay(settling < LookAgain ? settling : LookAgain, time, cancellationToken).ConfigureAwait(false);
        }

        var why = planned.ToDictionary(removal => (removal.Removal.Version.Folder, removal.Removal.Version.Version), removal => removal);
        return ([.. removals.Select(removal => Describe(why[(removal.Version.Folder, removal.Version.Version)], Remove(inventory, removal)))], spared);
    }

    private void Withdraw(Inventory inventory, RecordedVersion version)
    {
        foreach (var completion in version.Completions)
        {
            var path = Inventory.CompletionOf(version, completion);
            if (inventory.Entries.TryGetValue(path, out var entry) && licence.TryTake(path) is { } name)
                _withdrawn.Add(new Withdrawn(version, path, name, entry.ModifiedAt));
        }

        Libc.SyncFolder(Path.Combine(cache.Root, Inventory.RecordsOf(version)));
    }

    private string? WhoNeeds(RecordedVersion version, VersionUses usedNow) => usedNow.WhoNeeds(version, ignoreMarks)
        ?? (_withdrawn.Exists(record => record.Version == version && licence.Look(record.Name)?.ModifiedAt != record.UsedAt) ? "used just now" : null);

    private void GiveBack(RecordedVersion version)
    {
        foreach (var record in _withdrawn.Where(record => record.Version == version))
            licence.GiveBack(record.Name, record.Path);
        _withdrawn.RemoveAll(record => record.Version == version);
    }

    private long Remove(Inventory inventory, Removal removal)
    {
        var version = removal.Version;
        var withdrawn = _withdrawn.Where(record => record.Version == version).ToList();
        _withdrawn.RemoveAll(withdrawn.Contains);
        var freed = removal.Pointers.Sum(pointer => RemovePointer(inventory.Pointers.First(entry => entry.Path == pointer)))
            + removal.Names.Concat(removal.Blobs.Select(digest => Inventory.BlobOf(version.Folder, digest))).Concat(removal.Records).Sum(RemoveFile)
            + withdrawn.Sum(record => licence.Purge(record.Name));
        RemoveFolders(inventory, Inventory.FolderOf(version));
        RemoveFolders(inventory, Inventory.RecordsOf(version));
        if (IsAnnouncedWithModel(version))
        {
            RemoveFolders(inventory, version.Folder);
            RemoveFolders(inventory, Inventory.RecordsOf(version.Folder));
        }

        return freed;
    }

    private bool IsAnnouncedWithModel(RecordedVersion version) => Condemnation.TryRead(cache, licence.Heartbeat.Id)?.Versions
        .Any(said => said.Folder == version.Folder && said.Version == version.Version && said.WithModel) == true;

    private long RemoveFile(string path) => licence.TryTake(path) is { } name ? licence.Purge(name) : 0;

    // A fetcher of another version may have made it mean that one since it was read.
    private long RemovePointer(Pointer pointer)
    {
        if (licence.TryTake(pointer.Path) is not { } name)
            return 0;
        if (reader.MeaningOf(pointer.Path, name) == pointer.Version)
            return licence.Purge(name);
        licence.GiveBack(name, pointer.Path);
        return 0;
    }

    private void RemoveFolders(Inventory inventory, string top)
    {
        foreach (var folder in inventory.Below(top).Where(path => inventory.Entries[path].Kind == EntryKind.Folder).OrderDescending(StringComparer.Ordinal).Append(top))
            _tree.RemoveIfEmpty(folder);
    }

    private sealed record Withdrawn(RecordedVersion Version, string Path, string Name, DateTimeOffset UsedAt);
}
