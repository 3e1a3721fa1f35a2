using System.Text;
using System.Text.Json;
using Stevedore.Contract.CommandLine;
using Stevedore.Contract.Layout;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Manifests;

namespace Stevedore.Fetcher.Publishing;

/// <summary>One model as a pod was given it.</summary>
/// <param name="Reference">What was asked for.</param>
/// <param name="Folder">The model's folder in the cache.</param>
/// <param name="Version">The version.</param>
/// <param name="Files">The wanted files.</param>
internal sealed record GivenModel(ModelReference Reference, string Folder, string Version, IReadOnlyList<ManifestFile> Files);

/// <summary>
/// A pod's private folder of links: exactly the files that it was given, at the versions that it was given, under every name that its workload uses.
/// Links lead to where the workload mounts the cache, which need not be where the fetcher does.
/// </summary>
/// <param name="view">The view.</param>
/// <param name="cacheSeenAs">The cache as the workload mounts it.</param>
internal sealed class PodView(ViewLayout view, CacheLayout cacheSeenAs)
{
    /// <summary>The version that the pod was given before, so that a restart gives it the same one; null for a pod that is new.</summary>
    public string? PinOf(ModelReference reference) => ReadPins().GetValueOrDefault(reference.ToString());

    /// <summary>Fills the view.</summary>
    /// <returns>Where each model is found in the view, in the order of <paramref name="models"/>.</returns>
    public IReadOnlyList<string> Fill(IReadOnlyList<GivenModel> models, IReadOnlyList<ModelAlias> aliases)
    {
        WorldReadable.MakeFolder(view.Root);
        var paths = models.Select(FolderOf).ToList();
        var redirect = new StringBuilder();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (model, path) in models.Zip(paths))
        {
            FillFolder(path, model);
            if (model.Reference is HubReference hub)
                AddName(hub.Id, path);
            foreach (var alias in aliases.Where(alias => alias.Reference == model.Reference && !alias.IsDirectory))
                AddName(alias.Alias, path);
        }

        // Outer folders first: filling one empties it.
        foreach (var alias in aliases.Where(alias => alias.IsDirectory).OrderBy(alias => alias.Alias.Length))
            FillFolder(Path.Combine(view.Root, ViewLayout.SubPathFor(alias.Alias)), models.First(model => model.Reference == alias.Reference));

        WriteRefs(models);
        WorldReadable.Replace(view.Redirect, Encoding.UTF8.GetBytes(redirect.ToString()));
        WorldReadable.Replace(
            view.Pins,
            JsonSerializer.SerializeToUtf8Bytes(
                models.ToDictionary(model => model.Reference.ToString(), model => model.Version), RecordsJson.Default.DictionaryStringString));
        return paths;

        // vLLM reads "id<TAB>path" lines; a name that two models share means the first.
        void AddName(string name, string path)
        {
            if (names.Add(name))
                redirect.Append(name).Append('\t').Append(path).Append('\n');
        }
    }

    private string FolderOf(GivenModel model) => new CacheLayout(view.Root).VersionOf(model.Folder, model.Version);

    private void FillFolder(string folder, GivenModel model)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        var source = cacheSeenAs.VersionOf(model.Folder, model.Version);
        foreach (var file in model.Files)
        {
            var link = Path.Combine(folder, file.Path);
            WorldReadable.MakeFolder(Path.GetDirectoryName(link)!);
            File.CreateSymbolicLink(link, Path.Combine(source, file.Path));
        }
    }

    /// <summary>
    /// What the workload's own revision means: the one in the reference, and <c>main</c>, which vLLM asks for when its command line names none. Where two
    /// references to one repository disagree about <c>main</c>, the one that says <c>main</c> has it, else the first.
    /// </summary>
    private void WriteRefs(IReadOnlyList<GivenModel> models)
    {
        foreach (var repository in models.Where(model => model.Reference is HubReference).GroupBy(model => model.Folder))
        {
            var refs = new CacheLayout(view.Root).RefsOf(repository.Key);
            var meanings = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var model in repository)
                meanings.TryAdd(((HubReference)model.Reference).RevisionOrDefault, model.Version);
            meanings.TryAdd(HubReference.DefaultRevision, repository.First().Version);
            foreach (var (revision, version) in meanings)
                WorldReadable.Replace(Path.Combine(refs, revision), Encoding.ASCII.GetBytes(version));
        }
    }

    private Dictionary<string, string> ReadPins()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(view.Pins), RecordsJson.Default.DictionaryStringString) ?? [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }
}
