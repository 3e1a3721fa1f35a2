using System.Text;
using Stevedore.HubFixture.Content;

namespace Stevedore.HubFixture;

/// <summary>
/// A model repository of the fixture: files are added to what the next <see cref="Publish"/> will hold, and stay for the ones after it.
/// </summary>
/// <remarks>
/// The fixture takes every token that begins with <c>hf_</c> for some user's; which of them may read a gated or private repository is said
/// by <see cref="Allow"/>. Any other token is answered 401 wherever it is used, as the Hub does with one that it does not know.
/// </remarks>
public sealed class Repository
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, RepositoryFile> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Commit> _commits = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RepositoryFile> _lfs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _refs = new(StringComparer.Ordinal);
    private readonly HashSet<string> _allowed = new(StringComparer.Ordinal);

    internal Repository(string id) => Id = id;

    /// <summary><c>OWNER/NAME</c>, or <c>NAME</c> alone.</summary>
    public string Id { get; }

    /// <summary>Lists its files to everyone, but gives their content only to an allowed token.</summary>
    public bool Gated { get; set; }

    /// <summary>Looks missing to everyone without an allowed token.</summary>
    public bool Private { get; set; }

    /// <summary>Lets a token (<c>hf_…</c>) read the repository although it is gated or private.</summary>
    public Repository Allow(string token)
    {
        lock (_lock)
            _allowed.Add(token);
        return this;
    }

    /// <summary>Adds or replaces a file.</summary>
    /// <param name="path">With forward slashes. It is served as it is, also where a careful client must refuse it.</param>
    /// <param name="content">The bytes.</param>
    /// <param name="lfs">Whether the content lies in LFS and is served by the CDN.</param>
    public Repository AddFile(string path, byte[] content, bool lfs = false) => Add(path, new MemoryContent(content), lfs, sha256: null);

    /// <summary>Adds or replaces a plain text file.</summary>
    public Repository AddFile(string path, string text) => AddFile(path, Encoding.UTF8.GetBytes(text));

    /// <summary>Adds or replaces a file that stays on disk and is streamed from there.</summary>
    /// <param name="path">With forward slashes.</param>
    /// <param name="diskPath">Where it lies. It must not change while it is served.</param>
    /// <param name="lfs">Whether the content lies in LFS and is served by the CDN.</param>
    /// <param name="sha256">The digest in hex where it is known, so that the file need not be read for it.</param>
    public Repository AddFileFrom(string path, string diskPath, bool lfs, string? sha256 = null) =>
        Add(path, new DiskContent(diskPath), lfs, sha256);

    /// <summary>Leaves a file out of the commits that follow.</summary>
    public Repository RemoveFile(string path)
    {
        lock (_lock)
            _files.Remove(path);
        return this;
    }

    /// <summary>Makes a commit of the files as they are now and moves the branch to it. The same files make the same commit.</summary>
    public Commit Publish(string branch = "main")
    {
        lock (_lock)
        {
            var listing = string.Join('\n', _files.Values.Select(file => $"{file.GitOid} {file.Path}"));
            var sha = Digests.Sha1($"{Id}\n{listing}");
            if (!_commits.TryGetValue(sha, out var commit))
                _commits[sha] = commit = new Commit(sha, [.. _files.Values]);
            foreach (var file in _files.Values.Where(file => file.IsLfs))
                _lfs[file.Sha256!] = file;
            _refs[branch] = sha;
            return commit;
        }
    }

    /// <summary>Makes a branch or tag, or moves it.</summary>
    public void Point(string branchOrTag, Commit commit)
    {
        lock (_lock)
        {
            if (!_commits.ContainsKey(commit.Sha))
                throw new ArgumentException($"Commit {commit.Sha} is not one of {Id}; publish it there first.", nameof(commit));
            _refs[branchOrTag] = commit.Sha;
        }
    }

    /// <summary>The commit that a branch, a tag, a full commit or <c>HEAD</c> (which is <c>main</c>) names, or null.</summary>
    public Commit? Find(string revision)
    {
        lock (_lock)
            return _commits.GetValueOrDefault(_refs.GetValueOrDefault(revision == "HEAD" ? "main" : revision, revision));
    }

    internal bool Allows(string? token)
    {
        lock (_lock)
            return token is not null && _allowed.Contains(token);
    }

    internal RepositoryFile? FindLfs(string sha256)
    {
        lock (_lock)
            return _lfs.GetValueOrDefault(sha256);
    }

    private Repository Add(string path, IContent content, bool lfs, string? sha256)
    {
        var file = new RepositoryFile(path, content, lfs ? sha256 ?? Digests.Sha256(content) : null);
        lock (_lock)
            _files[path] = file;
        return this;
    }
}
