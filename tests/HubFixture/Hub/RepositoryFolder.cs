namespace Stevedore.HubFixture.Hub;

/// <summary>A folder on disk as the files of a repository.</summary>
internal static class RepositoryFolder
{
    private const long LfsFrom = 1 << 20;

    public static void AddTo(Repository repository, string directory)
    {
        var files = new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories);

        // Digesting is what takes the time here, and files don't wait for each other.
        Parallel.ForEach(files, file =>
        {
            var path = Path.GetRelativePath(directory, file.FullName).Replace('\\', '/');
            var lfs = file.Length >= LfsFrom || file.Extension == ".safetensors";
            repository.AddFileFrom(path, file.FullName, lfs);
        });
    }
}
