using Stevedore.Contract;
using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Publishing;

namespace Stevedore.Fetcher.Locking;

/// <summary>
/// The right to remove things from a cache: a folder in the trash that bears this run's name. Everything is removed by renaming it into that folder, which fails as soon
/// as somebody who counts this run as dead has renamed the folder itself: a paused run that wakes up removes nothing any more.
/// </summary>
internal sealed class RemovalLicence : IDisposable
{
    private const string Trash = ".stevedore/trash/";
    private readonly CacheLayout _cache;
    private readonly CacheTree _tree;
    private int _taken;

    private RemovalLicence(CacheLayout cache, Heartbeat heartbeat)
    {
        (_cache, Heartbeat) = (cache, heartbeat);
        _tree = new CacheTree(cache.Root);
    }

    /// <summary>The sign of life behind it.</summary>
    public Heartbeat Heartbeat { get; }

    /// <summary>The time of whoever keeps the filesystem: of a file that was written just now.</summary>
    public DateTimeOffset FilesystemTime => Libc.Look(Heartbeat.PathOf(_cache, Heartbeat.Id))?.ModifiedAt ?? DateTimeOffset.MinValue;

    /// <summary>What this run itself put into the cache, relative to it.</summary>
    public IReadOnlyList<string> OwnFiles => [Path.GetRelativePath(_cache.Root, Heartbeat.PathOf(_cache, Heartbeat.Id))];

    private string Folder => Trash + Heartbeat.Id;

    /// <summary>Takes one out.</summary>
    /// <exception cref="FetchException">73: something stands where a folder of the cache belongs.</exception>
    public static RemovalLicence Grant(CacheLayout cache, TimeSpan ttl, TimeProvider time)
    {
        OwnFolders.Check(cache, [cache.Trash, cache.Fetchers, cache.Leases, cache.Partials, cache.Intents, cache.Records]);
        var heartbeat = Heartbeat.Start(cache, ttl, time);
        try
        {
            WorldReadable.MakeFolder(Condemnation.FolderOf(cache, heartbeat.Id));
            return new RemovalLicence(cache, heartbeat);
        }
        catch
        {
            heartbeat.Dispose();
            throw;
        }
    }

    /// <summary>Says what is about to be removed, or says it anew.</summary>
    public void Announce(IReadOnlyList<CondemnedVersion> versions)
    {
        ThrowIfLost();
        // Announcing would make the folder anew.
        if (_tree.Look(Folder) is null)
            throw Lost();
        new Condemnation(Heartbeat.Id, versions).Announce(_cache);
    }

    /// <summary>Takes a file or a link out of the cache; it can be given back until it is purged.</summary>
    /// <param name="path">Relative to the cache.</param>
    /// <returns>Its name in the trash; null where it is not there.</returns>
    /// <exception cref="FetchException">73: the volume refuses. 75: this run counts as dead.</exception>
    public string? TryTake(string path)
    {
        ThrowIfLost();
        var name = $"{Folder}/{++_taken}";
        if (_tree.TryMove(path, name))
            return name;
        if (_tree.Look(Folder) is null)
            throw Lost();
        return null;
    }

    /// <summary>What lies in the trash under a name; null where there is nothing.</summary>
    public Entry? Look(string name) => _tree.Look(name);

    /// <summary>Puts something back where it was, unless something lies there by now.</summary>
    public void GiveBack(string name, string path)
    {
        if (_tree.Look(path) is null && _tree.TryMove(name, path))
            return;
        Purge(name);
    }

    /// <summary>Removes what was taken, for good.</summary>
    /// <returns>The bytes that came free: none where the file has other names.</returns>
    public long Purge(string name)
    {
        var entry = _tree.Look(name);
        _tree.RemoveAll(name);
        return entry is { Kind: EntryKind.File, Names: <= 1 } file ? file.Bytes : 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _tree.TryRemove($"{Folder}/{Condemnation.FileName}");
            _tree.RemoveIfEmpty(Folder);
            Heartbeat.Dispose();
        }
        catch (Exception error) when (error is FetchException or IOException or UnauthorizedAccessException)
        {
            // The next prune clears up after this one.
        }
    }

    private void ThrowIfLost()
    {
        if (Heartbeat.IsLost)
            throw Lost();
    }

    private FetchException Lost() => new(
        ExitCode.GaveUpWaiting,
        $"This run was paused, or could not write to {_cache.Root}, for more than {Heartbeat.Ttl.TotalSeconds:0} s, and others have gone on without it; what was removed by then is gone, so start it again.");
}
