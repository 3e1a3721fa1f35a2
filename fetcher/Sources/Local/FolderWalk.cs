using Stevedore.Contract;
using Stevedore.Fetcher.Manifests;

namespace Stevedore.Fetcher.Sources.Local;

/// <summary>Finds every ordinary file below a directory. Folders whose names begin with a dot are left out: <c>.git</c> and <c>.cache</c> hold the model twice.</summary>
internal sealed class FolderWalk(LocalFolder folder)
{
    private const int Deepest = 32;
    private const int MostFiles = 100_000;

    private readonly List<ManifestFile> _files = [];
    private readonly HashSet<string> _dangling = [];

    /// <summary>Walks; all paths come sorted.</summary>
    /// <returns>The files, among them those links that lead nowhere (with size 0), and which these are.</returns>
    public (IReadOnlyList<ManifestFile> Files, IReadOnlySet<string> Dangling) Run(CancellationToken cancellationToken)
    {
        Enter("", [folder.Root], cancellationToken);
        _files.Sort((one, other) => string.CompareOrdinal(one.Path, other.Path));
        return (_files, _dangling);
    }

    private void Enter(string prefix, IReadOnlyList<string> inside, CancellationToken cancellationToken)
    {
        foreach (var name in NamesIn(prefix, inside[^1]))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var path = prefix + name;
            switch (folder.Look(path))
            {
                case null:
                    _dangling.Add(path);
                    _files.Add(new ManifestFile(path, 0, null));
                    break;
                case { Kind: FileKind.Regular } facts:
                    _files.Add(folder.ToFile(path, facts));
                    break;
                case { Kind: FileKind.Directory } facts when !name.StartsWith('.'):
                    if (inside.Contains(facts.RealPath) || inside.Count == Deepest)
                        throw Wrong($"{path} in {folder.Reference} leads in a circle or more than {Deepest} folders deep");
                    Enter(path + "/", [.. inside, facts.RealPath], cancellationToken);
                    break;
            }

            if (_files.Count > MostFiles)
                throw Wrong($"{folder.Reference} holds more than {MostFiles} files");
        }
    }

    private List<string> NamesIn(string path, string directory)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(directory).Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal)];
        }
        catch (UnauthorizedAccessException broken)
        {
            throw LocalFolder.Unreadable(folder.Reference, path.Length == 0 ? directory : path, broken);
        }
        catch (IOException broken)
        {
            throw new SourceUnavailableException($"{directory} can't be listed ({broken.Message}); check the volume.", broken);
        }
    }

    private static FetchException Wrong(string what) => new(ExitCode.WrongContent, what + "; name the directory that holds one model's files.");
}
