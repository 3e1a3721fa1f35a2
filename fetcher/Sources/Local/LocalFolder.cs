using Stevedore.Contract;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Manifests;

namespace Stevedore.Fetcher.Sources.Local;

/// <summary>A mounted directory, and how far links may lead out of it.</summary>
/// <param name="reference">What the person wrote.</param>
/// <param name="root">The directory without links.</param>
internal sealed class LocalFolder(FileReference reference, string root)
{
    private const string HubPrefix = "models--";

    private readonly string _boundary = BoundaryOf(root);

    /// <summary>For sentences.</summary>
    public FileReference Reference => reference;

    /// <summary>The directory without links.</summary>
    public string Root => root;

    /// <summary>Looks at the directory itself.</summary>
    /// <exception cref="FetchException">66 or 77.</exception>
    public static LocalFolder Open(FileReference reference) => Look(reference, reference.Path.TrimEnd('/')) switch
    {
        { Kind: FileKind.Directory } facts => new LocalFolder(reference, facts.RealPath),
        null => throw new FetchException(
            ExitCode.NotFound, $"{reference} is not there; check the path, and that its volume is mounted where the fetcher runs."),
        _ => throw new FetchException(ExitCode.NotFound, $"{reference} is not a directory; name the directory that holds the model's files."),
    };

    /// <summary>What a path in it leads to; null where it leads nowhere.</summary>
    /// <param name="path">Relative.</param>
    /// <exception cref="FetchException">65: it leads out of the directory; 77: it may not be looked at.</exception>
    public FileFacts? Look(string path)
    {
        var facts = Look(reference, $"{root}/{path}");
        return facts is null || facts.RealPath.StartsWith(_boundary + "/", StringComparison.Ordinal)
            ? facts
            : throw new FetchException(
                ExitCode.WrongContent, $"{path} in {reference} is a link that leads out of the directory, and what lies there is not the model's; put a copy in its place.");
    }

    /// <summary>The file as a manifest has it.</summary>
    public ManifestFile ToFile(string path, FileFacts facts) => HubDigest(facts) is { } digest
        ? new ManifestFile(path, facts.Size, digest)
        : new ManifestFile(path, facts.Size, null, facts.Modified);

    /// <summary>The Hub's own cache names content by its digest: sha256 of LFS files, git's sha1 of others.</summary>
    private ContentDigest? HubDigest(FileFacts facts)
    {
        if (_boundary == root || Path.GetDirectoryName(facts.RealPath) != $"{_boundary}/blobs")
            return null;
        var name = Path.GetFileName(facts.RealPath);
        return ContentDigest.TryCreate(DigestAlgorithm.Sha256, name) ?? ContentDigest.TryCreate(DigestAlgorithm.GitSha1, name);
    }

    /// <summary>A snapshot of a Hub cache consists of links to the blobs of its repository: they may lead anywhere in that.</summary>
    private static string BoundaryOf(string root)
    {
        var snapshots = Path.GetDirectoryName(root);
        var repository = Path.GetDirectoryName(snapshots);
        return Path.GetFileName(snapshots) == "snapshots" && Path.GetFileName(repository)?.StartsWith(HubPrefix, StringComparison.Ordinal) == true
            ? repository!
            : root;
    }

    private static FileFacts? Look(FileReference reference, string path)
    {
        try
        {
            return Posix.Look(path);
        }
        catch (UnauthorizedAccessException broken)
        {
            throw Unreadable(reference, path, broken);
        }
        catch (IOException broken)
        {
            throw new SourceUnavailableException($"{path} of {reference} can't be looked at ({broken.Message}); check the volume.", broken);
        }
    }

    /// <summary>The sentence for what may not be read.</summary>
    public static FetchException Unreadable(FileReference reference, string path, Exception broken) => new(
        ExitCode.NoPermission, $"{path} of {reference} may not be read by this user; give it read permission, or run the fetcher as a user that has it.", broken);
}
