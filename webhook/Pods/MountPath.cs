namespace Stevedore.Webhook.Pods;

/// <summary>
/// Comparing absolute paths as a container runtime does when it mounts: by their parts, without regard to doubled or trailing slashes.
/// </summary>
internal static class MountPath
{
    /// <summary>
    /// Absolute, without doubled or trailing slashes and without <c>.</c> and <c>..</c>; a relative path counts from the root, as for the
    /// runtime.
    /// </summary>
    public static string Normalise(string path)
    {
        if (IsNormal(path))
            return path;
        var parts = new List<string>();
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "..")
                parts.RemoveRange(Math.Max(parts.Count - 1, 0), Math.Min(parts.Count, 1));
            else if (part != ".")
                parts.Add(part);
        }

        return "/" + string.Join('/', parts);
    }

    /// <summary>Whether <paramref name="path"/> is <paramref name="folder"/> or lies below it; both normalised.</summary>
    public static bool Covers(string folder, string path) =>
        folder == "/" || (path.StartsWith(folder, StringComparison.Ordinal) && (path.Length == folder.Length || path[folder.Length] == '/'));

    /// <summary>Whether one of the two is, contains or lies inside the other; both normalised.</summary>
    public static bool Touches(string one, string other) => Covers(one, other) || Covers(other, one);

    /// <summary>
    /// The innermost of the container's mounts that shows <paramref name="path"/>; null when the path belongs to the image.
    /// </summary>
    public static VolumeMount? Showing(IReadOnlyList<VolumeMount> mounts, string path)
    {
        VolumeMount? best = null;
        var longest = -1;
        foreach (var mount in mounts)
        {
            var at = Normalise(mount.Path);
            if (at.Length > longest && Covers(at, path))
                (best, longest) = (mount, at.Length);
        }

        return best;
    }

    private static bool IsNormal(string path) =>
        path.Length > 1 && path[0] == '/' && path[^1] != '/'
        && !path.Contains("//", StringComparison.Ordinal) && !path.Contains("/.", StringComparison.Ordinal);
}
