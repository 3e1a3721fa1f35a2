namespace Stevedore.Bench.Peers;

/// <summary>Which contests are held.</summary>
/// <param name="Sets">Names of sets.</param>
/// <param name="Sources">How they are served.</param>
/// <param name="Programs">Which programs take part; all that are here where none is named.</param>
/// <param name="Scale">Which part of the sets' sizes to take.</param>
/// <param name="Target">The folder below which everybody writes; null for memory.</param>
/// <param name="Keep">Whether the result replaces the one in the repository.</param>
internal sealed record PeerSettings(
    IReadOnlyList<string> Sets, IReadOnlyList<Source> Sources, IReadOnlyList<string> Programs, double Scale, string? Target, bool Keep)
{
    /// <summary>A file system in memory, where Linux keeps one.</summary>
    public const string Memory = "/dev/shm";

    /// <summary>Fewer rounds than this are for a quick look.</summary>
    public const int FullRounds = 5;

    /// <summary>The kind of file system that everybody writes to.</summary>
    public string FileSystem => new DriveInfo(Target ?? Memory).DriveFormat;

    /// <summary>Whether nothing is left out.</summary>
    public bool IsFull => Sets.Count == FileSet.Names.Count && Sources.Count == Enum.GetValues<Source>().Length && Programs.Count == 0 && Scale >= 1;
}
