namespace Stevedore.Bench.Peers;

/// <summary>Programs of this machine.</summary>
internal static class OnThePath
{
    // Where Debian keeps servers, which is not on everybody's PATH.
    private const string Servers = "/usr/sbin";

    /// <summary>The full path of a program; null where there is none of that name.</summary>
    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Append(Servers)
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(IsProgram);

    private static bool IsProgram(string path) => File.Exists(path) && (File.GetUnixFileMode(path) & UnixFileMode.UserExecute) != 0;
}
