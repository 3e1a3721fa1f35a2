using System.Collections.Concurrent;

namespace Stevedore.HubFixture.Hub;

/// <summary>The repositories there are, and the names they used to have.</summary>
internal sealed class Registry
{
    private readonly ConcurrentDictionary<string, Repository> _repositories = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _renamed = new(StringComparer.Ordinal);

    public Repository Add(string id)
    {
        if (id.Split('/') is not ([{ Length: > 0 }] or [{ Length: > 0 }, { Length: > 0 }]))
            throw new ArgumentException($"\"{id}\" is no repository's name; write OWNER/NAME or NAME.", nameof(id));
        var repository = new Repository(id);
        if (!_repositories.TryAdd(id, repository))
            throw new ArgumentException($"There is a repository {id} already; take another name.", nameof(id));
        return repository;
    }

    public void Redirect(string oldId, string newId) => _renamed[oldId] = newId;

    public Repository? Find(string id) => _repositories.GetValueOrDefault(id);

    public string? NewNameOf(string id) => _renamed.GetValueOrDefault(id);
}
