using System.Text;
using Stevedore.HubFixture.Content;

namespace Stevedore.HubFixture;

/// <summary>One state of a repository that never changes again.</summary>
/// <param name="Sha">Forty hex digits that follow from the paths and contents.</param>
/// <param name="Files">The files, sorted by path.</param>
public sealed record Commit(string Sha, IReadOnlyList<RepositoryFile> Files);

/// <summary>A file of a repository.</summary>
public sealed class RepositoryFile
{
    internal RepositoryFile(string path, IContent content, string? sha256)
    {
        Path = path;
        Content = content;
        Sha256 = sha256;
        if (sha256 is null)
        {
            GitOid = Digests.GitBlob(content);
            return;
        }

        var text = $"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {content.Length}\n";
        var pointer = new MemoryContent(Encoding.ASCII.GetBytes(text));
        GitOid = Digests.GitBlob(pointer);
        PointerSize = pointer.Length;
    }

    /// <summary>The path inside the repository, with forward slashes.</summary>
    public string Path { get; }

    /// <summary>The length in bytes.</summary>
    public long Size => Content.Length;

    /// <summary>git's SHA-1 of the content; of the pointer, where the content lies in LFS.</summary>
    public string GitOid { get; }

    /// <summary>The SHA-256 of the content where it lies in LFS, else null.</summary>
    public string? Sha256 { get; }

    /// <summary>Whether the content lies in LFS, and is therefore served by the CDN.</summary>
    public bool IsLfs => Sha256 is not null;

    /// <summary>What the Hub's own cache calls the blob: the SHA-256 of an LFS file, git's SHA-1 of any other.</summary>
    public string Etag => Sha256 ?? GitOid;

    /// <summary>The length in bytes of the LFS pointer; 0 where there is none.</summary>
    internal long PointerSize { get; }

    internal IContent Content { get; }
}
