using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Locking;

namespace Stevedore.Fetcher.Publishing;

/// <summary>What came of withdrawing files.</summary>
/// <param name="StillWrong">Those that were as wrong as when they were hashed; others may have been repaired meanwhile, and were left alone.</param>
/// <param name="IsDone">Whether all of these could be withdrawn; not on a read-only volume.</param>
internal sealed record WithdrawalResult(IReadOnlyList<WrongFile> StillWrong, bool IsDone);

/// <summary>
/// Takes files out of versions that are not what they should be. Only the very file goes that was hashed: what somebody else has withdrawn and fetched again since then
/// is another one under the same name.
/// </summary>
/// <param name="cache">The cache.</param>
/// <param name="time">The clock.</param>
internal sealed class Withdrawal(CacheLayout cache, TimeProvider time) : IDisposable
{
    private readonly VersionRecords _records = new(cache);
    private RemovalLicence? _licence;

    /// <summary>Withdraws the version's completeness, then the files. A fetcher that comes to repair them waits until that is done.</summary>
    public WithdrawalResult Withdraw(string folder, string version, Completion? completion, IReadOnlyList<WrongFile> wrong)
    {
        var still = wrong.Where(IsAsItWas).ToList();
        if (still.Count == 0)
            return new WithdrawalResult([], true);
        try
        {
            _licence ??= RemovalLicence.Grant(cache, FilesystemKind.DefaultLeaseTtl(FilesystemKind.IsLocal(cache.Root)), time);
            _licence.Announce([new CondemnedVersion(folder, version, [.. still.Select(file => file.File.Digest?.Hex).OfType<string>()], WithModel: false)]);
            var isForgotten = completion is null || _records.TryForget(folder, completion);
            foreach (var file in still)
                Take(_licence, file);
            _licence.Announce([]);
            return new WithdrawalResult(still, isForgotten);
        }
        catch (Exception error) when (error is FetchException or IOException or UnauthorizedAccessException)
        {
            return new WithdrawalResult(still, false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _licence?.Dispose();

    private static bool IsAsItWas(WrongFile wrong) => IsSame(Libc.Look(wrong.Path), wrong.Seen);

    private static bool IsSame(Entry? one, Entry? other) => one is { } a && other is { } b
        ? (a.Kind, a.Device, a.Inode, a.Bytes, a.ModifiedAt) == (b.Kind, b.Device, b.Inode, b.Bytes, b.ModifiedAt)
        : one is null && other is null;

    // Somebody may have repaired it between the look and the move; then it is given back within microseconds.
    private void Take(RemovalLicence licence, WrongFile wrong)
    {
        if (wrong.Name != wrong.Path && Libc.Look(wrong.Name) is { } name && (name.Kind == EntryKind.Link || name.Inode == wrong.Seen?.Inode))
            TakeForGood(licence, Path.GetRelativePath(cache.Root, wrong.Name));
        var path = Path.GetRelativePath(cache.Root, wrong.Path);
        if (wrong.Seen is null || licence.TryTake(path) is not { } taken)
            return;
        if (IsSame(licence.Look(taken), wrong.Seen))
            licence.Purge(taken);
        else
            licence.GiveBack(taken, path);
    }

    private static void TakeForGood(RemovalLicence licence, string path)
    {
        if (licence.TryTake(path) is { } taken)
            licence.Purge(taken);
    }
}
