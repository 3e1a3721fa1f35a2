using System.Text;
using Stevedore.Contract;

namespace Stevedore.Fetcher.Manifests;

/// <summary>Refuses paths that would leave the folder they are meant for, or that a filesystem would take for another's. A source's list is not to be trusted.</summary>
internal static class PathGuard
{
    // NAME_MAX and, with room for the cache's own folders, PATH_MAX of Linux.
    private const int LongestName = 255;
    private const int LongestPath = 3072;

    /// <summary>Checks all paths of a version.</summary>
    /// <param name="paths">Relative, with <c>/</c> between folders.</param>
    /// <param name="what">Whose list it is, for the sentence.</param>
    /// <exception cref="FetchException">65, about the first path that can't be used.</exception>
    public static void Check(IEnumerable<string> paths, string what)
    {
        var files = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            if (ProblemOf(path) is { } problem)
                throw Refused(path, what, problem);
            if (!files.Add(path))
                throw Refused(path, what, "is listed twice");
        }

        foreach (var path in files)
        {
            for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
            {
                if (files.Contains(path[..slash]))
                    throw Refused(path[..slash], what, "is listed both as a file and as a folder");
            }
        }
    }

    /// <summary>Checks, for a volume that is blind to case, that no two paths differ in case or in Unicode composition only.</summary>
    /// <exception cref="FetchException">65, naming both.</exception>
    public static void CheckCase(IEnumerable<string> paths, string what)
    {
        var seen = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var path in paths)
        {
            if (!seen.TryAdd(path.Normalize(), path))
                throw Refused(path, what, $"differs from \"{Printable(seen[path.Normalize()])}\" in case only, and the volume can't tell them apart");
        }
    }

    private static string? ProblemOf(string path)
    {
        if (path.Length == 0)
            return "is empty";
        if (path.Any(char.IsControl))
            return "contains control characters";
        if (path.Contains('\\', StringComparison.Ordinal))
            return "contains a backslash";
        if (path.StartsWith('/'))
            return "is absolute";
        if (path.Length >= 2 && path[1] == ':' && char.IsAsciiLetter(path[0]))
            return "begins with a drive letter";
        if (Encoding.UTF8.GetByteCount(path) > LongestPath)
            return $"is longer than {LongestPath} bytes";
        foreach (var name in path.Split('/'))
        {
            if (name is "" or "." or "..")
                return $"has the part \"{name}\"";
            if (Encoding.UTF8.GetByteCount(name) > LongestName)
                return $"has a name of more than {LongestName} bytes";
        }

        return null;
    }

    private static FetchException Refused(string path, string what, string problem) => new(
        ExitCode.WrongContent,
        $"{what} lists the file \"{Printable(path)}\", which {problem}; nothing was written. Tell its publisher, or leave it out with --exclude.");

    private static string Printable(string path)
    {
        var text = string.Concat(path.Take(200).Select(c => char.IsControl(c) ? $"\\u{(int)c:x4}" : c.ToString()));
        return path.Length > 200 ? text + "…" : text;
    }
}
