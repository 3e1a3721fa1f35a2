using System.Text;
using Stevedore.Contract;

namespace Stevedore.Fetcher.Manifests;

/// <summary>Refuses lists of files that could write outside the folder they are meant for, or over each other, before a byte of them is written.</summary>
internal static class PathGuard
{
    /// <summary>The longest name that Linux filesystems take, in bytes of UTF-8.</summary>
    private const int LongestSegment = 255;

    /// <summary>Linux takes 4096 bytes for a whole path; a quarter of it is left to the cache's root and to the folders of the layout.</summary>
    private const int LongestPath = 3072;

    // No model comes near it; without it a list of very deep paths costs minutes to compare.
    private const int DeepestFolder = 64;

    /// <summary>Checks every path by itself, and that no two claim one place.</summary>
    /// <param name="paths">What a source lists, relative, with <c>/</c> between folders.</param>
    /// <param name="what">Who lists them, for the sentence: the reference.</param>
    /// <exception cref="FetchException">65, naming the first path that is wrong.</exception>
    public static void Check(IEnumerable<string> paths, string what)
    {
        var files = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            if (FaultOf(path) is { } fault)
                throw Refusal(what, path, fault);
            if (!files.Add(path))
                throw Refusal(what, path, "is listed twice");
        }

        var lookup = files.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var path in files)
        {
            for (var slash = path.IndexOf('/'); slash >= 0; slash = path.IndexOf('/', slash + 1))
            {
                if (lookup.Contains(path.AsSpan(0, slash)))
                    throw Refusal(what, path[..slash], $"is a file and also the folder of {Quoted.Text(path)}");
            }
        }
    }

    /// <summary>Checks that no two paths are one and the same on a volume that is blind to case, and perhaps to how accents are composed.</summary>
    /// <param name="paths">Paths that have passed <see cref="Check"/>.</param>
    /// <param name="what">Who lists them, for the sentence: the reference.</param>
    /// <exception cref="FetchException">65, naming the two.</exception>
    public static void CheckCase(IEnumerable<string> paths, string what)
    {
        var names = new BlindNames();
        foreach (var path in paths)
        {
            // Folders count as well: "A/x" and "a/y" would share one, and a reader of either would find the other's file.
            for (var end = path.IndexOf('/'); ; end = path.IndexOf('/', end + 1))
            {
                var name = end < 0 ? path : path[..end];
                if (names.Add(name) is { } other)
                {
                    throw new FetchException(
                        ExitCode.WrongContent,
                        $"{what} lists {Quoted.Text(other)} and {Quoted.Text(name)}, which this volume can't tell apart since it is blind to case; nothing was "
                        + "written: use a volume that is not, or leave one of them out with --exclude.");
                }

                if (end < 0)
                    break;
            }
        }
    }

    /// <summary>Whether a path by itself stays inside the folder that it is meant for.</summary>
    public static bool IsSafe(string path) => FaultOf(path) is null;

    private static string? FaultOf(string path)
    {
        if (path.Length == 0)
            return "is empty";
        if (path[0] == '/')
            return "is absolute";
        if (path.Length > 1 && path[1] == ':' && char.IsAsciiLetter(path[0]))
            return "begins with a drive letter";
        for (var at = 0; at < path.Length; at++)
        {
            var c = path[at];
            if (c == '\\')
                return "contains a backslash";
            if (char.IsControl(c) || c is '\u2028' or '\u2029')
                return "contains a control character";
            if (char.IsSurrogate(c) && !(at + 1 < path.Length && char.IsSurrogatePair(c, path[++at])))
                return "contains half a surrogate pair";
        }

        if (Encoding.UTF8.GetByteCount(path) > LongestPath)
            return $"is longer than {LongestPath} bytes";
        if (path.AsSpan().Count('/') >= DeepestFolder)
            return $"lies more than {DeepestFolder} folders deep";
        foreach (var range in path.AsSpan().Split('/'))
        {
            var segment = path.AsSpan()[range];
            if (segment.IsEmpty)
                return "has an empty part";
            if (segment is "." or "..")
                return $"has the part \"{segment}\"";
            if (segment.Length * 3 > LongestSegment && Encoding.UTF8.GetByteCount(segment) > LongestSegment)
                return $"has a part of more than {LongestSegment} bytes";
        }

        return null;
    }

    private static FetchException Refusal(string what, string path, string fault) => new(
        ExitCode.WrongContent,
        $"{what} lists the file {Quoted.Text(path)}, which {fault}; nothing of it was written, and whoever publishes the model must rename the file.");
}
