namespace Stevedore.Bench.Peers;

/// <summary>Which contests are held.</summary>
/// <param name="Sets">Names of sets.</param>
/// <param name="Sources">How they are served.</param>
/// <param name="Programs">Which programs take part; all that are here where none is named.</param>
/// <param name="Scale">Which part of the sets' sizes to take.</param>
/// <param name="Target">The folder below which everybody writes; null for the machine's disk.</param>
/// <param name="Keep">Whether the result replaces the one in the repository.</param>
internal sealed record PeerSettings(
    IReadOnlyList<string> Sets, IReadOnlyList<Source> Sources, IReadOnlyList<string> Programs, double Scale, string? Target, bool Keep)
{
    /// <summary>A file system in memory, where Linux keeps one: what the server serves lies there.</summary>
    public const string Memory = "/dev/shm";

    /// <summary>Temporary files that outlive a restart (hier(7)), and so lie on a disk wherever there is one: models do, and what is synced has to go somewhere.</summary>
    private const string Disk = "/var/tmp";

    /// <summary>Fewer rounds than this are for a quick look.</summary>
    public const int FullRounds = 5;

    /// <summary>The kind of file system that everybody writes to.</summary>
    public string FileSystem => new DriveInfo(WhereTo).DriveFormat;

    /// <summary>The folder below which everybody writes.</summary>
    public string WhereTo => Target ?? (Directory.Exists(Disk) ? Disk : Path.GetTempPath());

    /// <summary>
    /// Whether what small files leave stays there until all turns are over: ext4 steps over inodes that were freed in the last minutes, one by one, so that whoever comes after a
    /// removal of thousands spends ten times as long at making files (recently_deleted in fs/ext4/ialloc.c).
    /// </summary>
    public bool KeepsTurns(FileSet set) => set.Name == "small" && FileSystem != "tmpfs";

    /// <summary>Whether nothing is left out.</summary>
    public bool IsFull => Sets.Count == FileSet.Names.Count && Sources.Count == Enum.GetValues<Source>().Length && Programs.Count == 0 && Scale >= 1;
}
