using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Locking;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Publishing;

/// <summary>Gives verified contents their final names. A name appears only with its whole content behind it, whoever crashes.</summary>
/// <param name="cache">The cache.</param>
/// <param name="leases">Who may publish.</param>
/// <param name="fetcherId">Tells this fetcher's temporary files from others'.</param>
internal sealed class BlobShelf(CacheLayout cache, LeaseStore leases, string fetcherId)
{
    /// <summary>Above this many files one sync of the filesystem costs less than one for each (measured: 5,000 files, 3.0 s against up to 4.6 s).</summary>
    private const int FilesASync = 8;

    private readonly SharedSync _contents = new(() => Libc.SyncFilesystem(cache.Partials));
    private readonly bool _isLocal = FilesystemKind.IsLocal(cache.Root);
    private int _looks;

    /// <summary>Whether every target is there with the right size.</summary>
    public static bool Holds(TransferItem item) =>
        item.Targets.All(target => Libc.LookCheaply(target) is { Kind: EntryKind.File } file && file.Bytes == item.Size);

    /// <summary>As <see cref="Holds"/>; counts what somebody else published meanwhile as present.</summary>
    public static bool HoldsAndCounts(TransferItem item, FetchMeter meter)
    {
        if (!Holds(item))
            return false;
        meter.Present(item.Size);
        meter.Published(1);
        return true;
    }

    /// <summary>
    /// Looks past what a network filesystem's client remembers of the folders that contents go to: up to a minute long it may know that a file is absent which
    /// another node has published. A name made there and removed again brings the folder's state from the server.
    /// </summary>
    public void Refresh(IEnumerable<TransferItem> items)
    {
        if (_isLocal)
            return;
        foreach (var folder in FoldersOf(items).Where(Directory.Exists))
        {
            // Several threads look at one folder at once: each at a name of its own.
            var name = Path.Combine(folder, $".{fetcherId}-{Interlocked.Increment(ref _looks)}.look");
            using (WorldReadable.Create(name))
                File.Delete(name);
        }
    }

    /// <summary>Makes the folders that contents go to, while there is room for them: on a volume that fills up meanwhile, what has arrived can still be given its name.</summary>
    public static void Prepare(IEnumerable<TransferItem> items)
    {
        foreach (var folder in FoldersOf(items))
            WorldReadable.MakeFolder(folder);
    }

    /// <summary>Publishes a content that lies in its epoch's partial file, verified.</summary>
    /// <returns>False when another fetcher has taken the blob over: it publishes its own.</returns>
    public bool TryPublish(BlobDownload blob)
    {
        blob.Flush();
        if (!leases.TryWinPublishing(blob.Lease))
            return false;
        if (!Holds(blob.Item))
        {
            Prepare([blob.Item]);
            Place(blob.PartialPath, blob.Item);
        }

        foreach (var folder in FoldersOf([blob.Item]))
            Libc.SyncFolder(folder);
        leases.Clear(blob.Item.Key);
        return true;
    }

    /// <summary>Writes a small verified content under a temporary name.</summary>
    public string Stage(TransferItem item, ReadOnlySpan<byte> content)
    {
        var path = Path.Combine(cache.Partials, $"{item.Key}.{fetcherId}.small");
        try
        {
            if (Libc.TryWriteAnew(path, content))
                return path;
            // An earlier try of this fetcher left one; to look for it each time would take the folder's lock, which all threads want.
            File.Delete(path);
            return Libc.TryWriteAnew(path, content) ? path : throw new IOException($"{path} comes back whenever it is removed; who else writes there?");
        }
        catch (IOException)
        {
            // What is there of it only takes room that others need now.
            File.Delete(path);
            throw;
        }
    }

    /// <summary>
    /// Publishes staged contents together: one sync for all of them, then their names. Those become durable with the version (<see cref="Snapshot.Sync"/>), before anything says
    /// that it is complete; until then a name that a power cut takes back costs another fetch of it.
    /// </summary>
    public void PublishStaged(IReadOnlyList<(TransferItem Item, string Path)> staged)
    {
        if (staged.Count > FilesASync)
        {
            _contents.Wait();
        }
        else
        {
            foreach (var (_, path) in staged)
            {
                using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
                RandomAccess.FlushToDisk(file);
            }
        }

        Prepare(staged.Select(entry => entry.Item));
        // A name takes milliseconds where a network lies between.
        if (_isLocal)
        {
            foreach (var (item, path) in staged)
                Place(path, item);
        }
        else
        {
            ManyAtOnce.Do(staged, entry => Place(entry.Path, entry.Item));
        }
    }

    private static void Place(string path, TransferItem item)
    {
        foreach (var target in item.Targets.Skip(1))
            LinkOrCopy(path, target);
        Renaming.Over(path, item.Targets[0]);
    }

    private static void LinkOrCopy(string existing, string target)
    {
        File.Delete(target);
        if (Libc.TryLink(existing, target))
            return;
        var temporary = $"{target}.{Guid.NewGuid():N}.tmp";
        File.Copy(existing, temporary);
        Renaming.Over(temporary, target);
    }

    private static HashSet<string> FoldersOf(IEnumerable<TransferItem> items)
    {
        var folders = new HashSet<string>(StringComparer.Ordinal);
        // Thousands of files share a folder: its name is made once.
        var seen = folders.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var target in items.SelectMany(item => item.Targets))
            seen.Add(Path.GetDirectoryName(target.AsSpan()));
        return folders;
    }
}
