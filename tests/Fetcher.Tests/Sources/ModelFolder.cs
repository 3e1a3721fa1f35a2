namespace Stevedore.Fetcher.Tests.Sources;

/// <summary>A folder of files that goes away with the test.</summary>
internal sealed class ModelFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stevedore-sources-");

    public string Root => _folder.FullName;

    public string PathOf(string path) => Path.Combine(Root, path);

    public ModelFolder Add(string path, string content = "content")
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(path))!);
        File.WriteAllText(PathOf(path), content);
        return this;
    }

    public ModelFolder AddFolder(string path)
    {
        Directory.CreateDirectory(PathOf(path));
        return this;
    }

    public ModelFolder Link(string path, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(path))!);
        File.CreateSymbolicLink(PathOf(path), target);
        return this;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
