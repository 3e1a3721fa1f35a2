using Stevedore.Fetcher.Publishing;

namespace Stevedore.Fetcher.Locking;

/// <summary>What kind of filesystem a volume is, as far as the lease protocol cares.</summary>
internal static class FilesystemKind
{
    private const long Tmpfs = 0x01021994;

    // Magic numbers of statfs(2): filesystems whose locks and files no other machine sees.
    private static readonly HashSet<long> LocalKinds =
    [
        0xef53, // ext2, ext3, ext4
        0x58465342, // xfs
        0x9123683e, // btrfs
        Tmpfs,
        0x794c7630, // overlayfs
        0x2fc12fc1, // zfs
        0xf2f52010, // f2fs
    ];

    /// <summary>Whether no other machine can write here.</summary>
    public static bool IsLocal(string path) => LocalKinds.Contains(Libc.FilesystemKind(path));

    /// <summary>Whether files take memory and no disk.</summary>
    public static bool IsInMemory(string path) => Libc.FilesystemKind(path) == Tmpfs;

    /// <summary>After what silence an owner counts as dead: network filesystems show changes late, and their clients may be cut off for a while.</summary>
    public static TimeSpan DefaultLeaseTtl(bool local) => TimeSpan.FromSeconds(local ? 30 : 120);
}
