namespace Stevedore.Fetcher.Publishing;

/// <summary>Renames files of this process's own making.</summary>
internal static class Renaming
{
    /// <summary>Gives a file another name, at once and in place of whatever bears it.</summary>
    /// <exception cref="IOException">It could not be.</exception>
    public static void Over(string path, string name)
    {
        if (Libc.TryRename(path, name))
            return;
        try
        {
            // Once again, for what the framework calls the error.
            File.Move(path, name, overwrite: true);
        }
        catch (IOException) when (!File.Exists(path) && File.Exists(name))
        {
            // NFS may report a rename as failed after it succeeded, where its answer was lost and the request sent again: what bears which name tells.
        }
    }
}
