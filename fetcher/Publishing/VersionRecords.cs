using System.Text.Json;
using System.Text.Json.Serialization;
using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Manifests;

namespace Stevedore.Fetcher.Publishing;

/// <summary>What a revision meant when its version was last completed.</summary>
/// <param name="Version">The version.</param>
/// <param name="At">When the source said so, by this machine's clock.</param>
internal sealed record Resolution(string Version, DateTimeOffset At);

/// <summary>A version whose wanted files are all published.</summary>
/// <param name="Reference">As it was asked for first.</param>
/// <param name="Version">Commit or digest of the file list.</param>
/// <param name="Filter">The key of the filter.</param>
/// <param name="At">When it was completed.</param>
/// <param name="Files">The wanted files; those without a digest at their source carry the SHA-256 that was computed on arrival.</param>
internal sealed record Completion(string Reference, string Version, string Filter, DateTimeOffset At, IReadOnlyList<ManifestFile> Files);

/// <summary>
/// What is known of a cache's versions: small JSON files below <c>.stevedore/versions</c>, replaced as a whole. A record that can't be read counts as
/// absent: the source is asked again then.
/// </summary>
/// <param name="cache">The cache.</param>
internal sealed class VersionRecords(CacheLayout cache)
{
    /// <summary>The files of a version; null when they were never listed under this filter.</summary>
    public ModelManifest? Manifest(string folder, string version, string filter) =>
        TryRead(ManifestPath(folder, version, filter), RecordsJson.Default.ModelManifest);

    /// <summary>Keeps the files of a version.</summary>
    public void Keep(string folder, ModelManifest manifest, string filter) =>
        Write(ManifestPath(folder, manifest.Version, filter), manifest, RecordsJson.Default.ModelManifest);

    /// <summary>The record of a completed version; it does not prove that the files are still there.</summary>
    public Completion? Completion(string folder, string version, string filter) =>
        TryRead(Path.Combine(FolderOf(folder, version), $"complete.{filter}.json"), RecordsJson.Default.Completion);

    /// <summary>Notes that a version is complete.</summary>
    public void Keep(string folder, Completion completion) =>
        Write(Path.Combine(FolderOf(folder, completion.Version), $"complete.{completion.Filter}.json"), completion, RecordsJson.Default.Completion);

    /// <summary>What a revision meant; null when it was never completed under this filter.</summary>
    public Resolution? Resolution(string folder, string revision, string filter) =>
        TryRead(ResolutionPath(folder, revision, filter), RecordsJson.Default.Resolution);

    /// <summary>Notes what a revision means, after its version was completed.</summary>
    public void Keep(string folder, string revision, string filter, Resolution resolution) =>
        Write(ResolutionPath(folder, revision, filter), resolution, RecordsJson.Default.Resolution);

    /// <summary>Every completed version of every model, with the model's folder.</summary>
    public IEnumerable<(string Folder, Completion Completion)> Completions()
    {
        if (!Directory.Exists(cache.Records))
            yield break;
        foreach (var path in Directory.EnumerateFiles(cache.Records, "complete.*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var folder = Path.GetRelativePath(cache.Records, Path.GetDirectoryName(Path.GetDirectoryName(path)!)!);
            if (TryRead(path, RecordsJson.Default.Completion) is { } completion)
                yield return (folder, completion);
        }
    }

    /// <summary>Every completed version of one model.</summary>
    public IEnumerable<Completion> CompletionsOf(string folder)
    {
        var records = Path.Combine(cache.Records, folder);
        return !Directory.Exists(records)
            ? []
            : Directory.EnumerateDirectories(records, "@*")
                .SelectMany(version => Directory.EnumerateFiles(version, "complete.*.json"))
                .Select(path => TryRead(path, RecordsJson.Default.Completion))
                .OfType<Completion>();
    }

    /// <summary>The revisions that mean a version, by the records under any filter.</summary>
    public IReadOnlyList<string> RevisionsOf(string folder, string version)
    {
        var records = Path.Combine(cache.Records, folder);
        return !Directory.Exists(records)
            ? []
            : [.. Directory.EnumerateFiles(records, "resolved.*.json")
                .Where(path => TryRead(path, RecordsJson.Default.Resolution)?.Version == version)
                .Select(path => Uri.UnescapeDataString(Path.GetFileName(path).Split('.')[1]))
                .Distinct()
                .Order(StringComparer.Ordinal)];
    }

    /// <summary>Withdraws a version's completeness: something of it is missing or wrong.</summary>
    /// <returns>False where the volume refuses.</returns>
    public bool TryForget(string folder, Completion completion)
    {
        try
        {
            File.Delete(Path.Combine(FolderOf(folder, completion.Version), $"complete.{completion.Filter}.json"));
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // The Hub lists whole repositories; a web server that must be asked for each size is asked for the wanted files only.
    private string ManifestPath(string folder, string version, string filter) =>
        Path.Combine(FolderOf(folder, version), CacheLayout.IsHub(folder) ? "manifest.json" : $"manifest.{filter}.json");

    // The @ keeps a version's records apart from those of a model that lies below this one.
    private string FolderOf(string folder, string version) => Path.Combine(cache.Records, folder, "@" + version);

    private string ResolutionPath(string folder, string revision, string filter) =>
        Path.Combine(cache.Records, folder, $"resolved.{Escape(revision)}.{filter}.json");

    // Dots separate the parts of a record's name.
    private static string Escape(string revision) => Uri.EscapeDataString(revision).Replace(".", "%2E", StringComparison.Ordinal);

    private static T? TryRead<T>(string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), type);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private static void Write<T>(string path, T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        WorldReadable.Replace(path, JsonSerializer.SerializeToUtf8Bytes(value, type));
}

/// <summary>Written without reflection, for NativeAOT.</summary>
[JsonSerializable(typeof(ModelManifest))]
[JsonSerializable(typeof(Completion))]
[JsonSerializable(typeof(Resolution))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
internal sealed partial class RecordsJson : JsonSerializerContext;
