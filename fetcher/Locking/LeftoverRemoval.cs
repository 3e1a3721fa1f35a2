using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Publishing;
using Stevedore.Fetcher.Upkeep;

namespace Stevedore.Fetcher.Locking;

/// <summary>Removes what the dead left behind, where nobody has come to go on with it.</summary>
/// <param name="cache">The cache.</param>
/// <param name="licence">The right to remove.</param>
/// <param name="leases">The right to touch what was being fetched.</param>
internal sealed class LeftoverRemoval(CacheLayout cache, RemovalLicence licence, LeaseStore leases)
{
    private readonly CacheTree _tree = new(cache.Root);

    /// <summary>Removes one; what somebody took up meanwhile stays.</summary>
    /// <returns>The bytes that came free.</returns>
    public long Remove(Leftover leftover)
    {
        if (leftover.DeadPrune is { } owner)
            return RemoveTrash(owner, leftover.Paths);
        if (leftover.Key is not { } key)
            return leftover.Paths.Sum(RemoveFile);

        if (leases.TryTake(key).Lease is null)
            return 0;
        var (partials, held) = (leftover.Paths.Where(path => !IsLease(path)), leftover.Paths.Where(IsLease).Select(path => (path, _tree.Look(path)?.Bytes ?? 0)).ToList());
        var freed = partials.Sum(RemoveFile);
        leases.Clear(key);
        return freed + held.Where(lease => _tree.Look(lease.path) is null).Sum(lease => lease.Item2);
    }

    private static bool IsLease(string path) => path.StartsWith(".stevedore/leases/", StringComparison.Ordinal);

    private long RemoveFile(string path) => licence.TryTake(path) is { } name ? licence.Purge(name) : 0;

    // A prune that died before it removed anything of a version took no more than the record away that says it is complete.
    private long RemoveTrash(string owner, IReadOnlyList<string> paths)
    {
        var folder = owner;
        if (!owner.EndsWith(Condemnation.Revoked, StringComparison.Ordinal))
        {
            Condemnation.Revoke(cache, owner);
            folder += Condemnation.Revoked;
        }

        var moved = paths.Select(path => path.Replace($"/{owner}/", $"/{folder}/", StringComparison.Ordinal)).OrderDescending(StringComparer.Ordinal).ToList();
        var said = Condemnation.TryRead(cache, folder)?.Versions ?? [];
        var records = new VersionRecords(cache);
        var freed = 0L;
        foreach (var path in moved)
        {
            if (VersionRecords.TryReadAside(Path.Combine(cache.Root, path)) is { } completion
                && said.Where(version => version.Version == completion.Version).Select(version => version.Folder).Distinct().ToList() is [var model]
                && completion.Files.All(new Snapshot(cache, model, completion.Version).Holds) && records.Completion(model, completion.Version, completion.Filter) is null)
            {
                records.Keep(model, completion);
            }

            if (_tree.Look(path) is { Kind: EntryKind.Folder })
                _tree.RemoveIfEmpty(path);
            else
                freed += licence.Purge(path);
        }

        _tree.RemoveIfEmpty($".stevedore/trash/{folder}");
        return freed;
    }
}
