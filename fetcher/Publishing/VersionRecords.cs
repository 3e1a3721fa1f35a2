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

/// <summary>All that is recorded of one version.</summary>
/// <param name="Folder">The model's folder in the cache.</param>
/// <param name="Version">The version.</param>
/// <param name="Completions">Complete under these filters.</param>
/// <param name="Manifests">Its files, as far as they were listed.</param>
/// <param name="UsedAt">When a fetcher last touched any of these records, by the clock of whoever keeps the filesystem.</param>
internal sealed record RecordedVersion(
    string Folder, string Version, IReadOnlyList<Completion> Completions, IReadOnlyList<ModelManifest> Manifests, DateTimeOffset UsedAt);

/// <summary>
/// What is known of a cache's versions: small JSON files below <c>.stevedore/versions</c>, replaced as a whole. A record that can't be read counts as
/// absent: the source is asked again then.
/// </summary>
/// <param name="cache">The cache.</param>
internal sealed class VersionRecords(CacheLayout cache)
{
    // Links are passed over: none belongs here, and one could lead out of the cache.
    private static readonly EnumerationOptions OnlyHere = new() { AttributesToSkip = FileAttributes.ReparsePoint };
    private static readonly EnumerationOptions EverywhereBelow = new() { AttributesToSkip = FileAttributes.ReparsePoint, RecurseSubdirectories = true };

    /// <summary>The files of a version; null when they were never listed under this filter.</summary>
    public ModelManifest? Manifest(string folder, string version, string filter) => ReadManifest(ManifestPath(folder, version, filter));

    /// <summary>Keeps the files of a version.</summary>
    public void Keep(string folder, ModelManifest manifest, string filter) =>
        Write(ManifestPath(folder, manifest.Version, filter), manifest, RecordsJson.Default.ModelManifest);

    /// <summary>The record of a completed version; it does not prove that the files are still there.</summary>
    public Completion? Completion(string folder, string version, string filter) => ReadCompletion(CompletionPath(folder, version, filter));

    /// <summary>A record of completeness that was moved aside; null where the file is none.</summary>
    public static Completion? TryReadAside(string path) =>
        PlainFile.TryRead(path, RecordsJson.Default.Completion) is { } record && IsSound(record.Files) && PathGuard.IsSafe(record.Version) ? record : null;

    /// <summary>Notes that a version is complete.</summary>
    public void Keep(string folder, Completion completion) =>
        Write(CompletionPath(folder, completion.Version, completion.Filter), completion, RecordsJson.Default.Completion);

    /// <summary>Notes that a version is used now, by the times of the record that says it is complete.</summary>
    /// <returns>False where that record is gone: the version is being removed. A cache that can't be written takes no note and is no reason to fail.</returns>
    public bool TryTouch(string folder, Completion completion)
    {
        var path = CompletionPath(folder, completion.Version, completion.Filter);
        var error = Libc.Touch(path);
        return error == 0 || (!Libc.IsMissing(error) && Libc.Look(path) is not null);
    }

    /// <summary>What a revision meant; null when it was never completed under this filter.</summary>
    public Resolution? Resolution(string folder, string revision, string filter) =>
        PlainFile.TryRead(ResolutionPath(folder, revision, filter), RecordsJson.Default.Resolution);

    /// <summary>Notes what a revision means, after its version was completed.</summary>
    public void Keep(string folder, string revision, string filter, Resolution resolution) =>
        Write(ResolutionPath(folder, revision, filter), resolution, RecordsJson.Default.Resolution);

    /// <summary>Every completed version of every model, with the model's folder.</summary>
    public IEnumerable<(string Folder, Completion Completion)> Completions() => Versions()
        .SelectMany(version => version.Completions.Select(completion => (version.Folder, completion)));

    /// <summary>Every completed version of one model.</summary>
    public IEnumerable<Completion> CompletionsOf(string folder) => FoldersOf(folder).SelectMany(path => CompletionsAmong(RecordsIn(path)));

    /// <summary>Every version that a record is there of, complete or not.</summary>
    public IEnumerable<RecordedVersion> Versions() => Libc.Look(cache.Records) is not { Kind: EntryKind.Folder }
        ? []
        : Listed(() => Directory.EnumerateDirectories(cache.Records, "@*", EverywhereBelow))
            .Order(StringComparer.Ordinal)
            .Select(path => ReadVersion(Path.GetRelativePath(cache.Records, Path.GetDirectoryName(path)!), path));

    /// <summary>Every version of one model that a record is there of.</summary>
    public IEnumerable<RecordedVersion> VersionsOf(string folder) => FoldersOf(folder).Select(path => ReadVersion(folder, path));

    /// <summary>The revisions that mean a version, by the records under any filter.</summary>
    public IReadOnlyList<string> RevisionsOf(string folder, string version)
    {
        var records = Path.Combine(cache.Records, folder);
        return !Directory.Exists(records)
            ? []
            : [.. Listed(() => Directory.EnumerateFiles(records, "resolved.*.json", OnlyHere))
                .Where(path => PlainFile.TryRead(path, RecordsJson.Default.Resolution)?.Version == version)
                .Select(path => RevisionOf(path)!)
                .Distinct()
                .Order(StringComparer.Ordinal)];
    }

    /// <summary>Which revision a record is about, by its name; null for a file that is no such record.</summary>
    public static string? RevisionOf(string path) => Path.GetFileName(path).Split('.') is ["resolved", var revision, _, "json"] ? Uri.UnescapeDataString(revision) : null;

    /// <summary>Withdraws a version's completeness: something of it is missing or wrong.</summary>
    /// <returns>False where the volume refuses.</returns>
    public bool TryForget(string folder, Completion completion)
    {
        try
        {
            File.Delete(CompletionPath(folder, completion.Version, completion.Filter));
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

    private string CompletionPath(string folder, string version, string filter) => Path.Combine(FolderOf(folder, version), $"complete.{filter}.json");

    // The @ keeps a version's records apart from those of a model that lies below this one.
    private string FolderOf(string folder, string version) => Path.Combine(cache.Records, folder, "@" + version);

    private string ResolutionPath(string folder, string revision, string filter) =>
        Path.Combine(cache.Records, folder, $"resolved.{Escape(revision)}.{filter}.json");

    // Dots separate the parts of a record's name.
    private static string Escape(string revision) => Uri.EscapeDataString(revision).Replace(".", "%2E", StringComparison.Ordinal);

    // A prune may take a folder away while it is listed.
    private static List<string> Listed(Func<IEnumerable<string>> list)
    {
        try
        {
            return [.. list()];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private List<string> FoldersOf(string folder) => Libc.Look(Path.Combine(cache.Records, folder)) is not { Kind: EntryKind.Folder }
        ? []
        : Listed(() => Directory.EnumerateDirectories(Path.Combine(cache.Records, folder), "@*", OnlyHere));

    private static RecordedVersion ReadVersion(string folder, string path)
    {
        var files = RecordsIn(path).ToList();
        return new RecordedVersion(
            folder,
            Path.GetFileName(path)[1..],
            [.. CompletionsAmong(files)],
            [.. files.Where(file => Path.GetFileName(file).StartsWith("manifest.", StringComparison.Ordinal)).Select(ReadManifest).OfType<ModelManifest>()],
            files.Select(file => Libc.Look(file)?.ModifiedAt).Max() ?? DateTimeOffset.MinValue);
    }

    private static IEnumerable<string> RecordsIn(string path) => Listed(() => Directory.EnumerateFiles(path, "*.json", OnlyHere)).Order(StringComparer.Ordinal);

    private static IEnumerable<Completion> CompletionsAmong(IEnumerable<string> files) =>
        files.Where(file => Path.GetFileName(file).StartsWith("complete.", StringComparison.Ordinal)).Select(ReadCompletion).OfType<Completion>();

    // Paths are made of what records say, and things are removed by those paths: a record that names anything outside its version is none.
    private static Completion? ReadCompletion(string path) =>
        PlainFile.TryRead(path, RecordsJson.Default.Completion) is { } record && IsSound(record.Files) && path.EndsWith($"/@{record.Version}/complete.{record.Filter}.json", StringComparison.Ordinal)
            ? record : null;

    private static ModelManifest? ReadManifest(string path) =>
        PlainFile.TryRead(path, RecordsJson.Default.ModelManifest) is { } record && IsSound(record.Files) && Path.GetFileName(Path.GetDirectoryName(path)) == "@" + record.Version
            ? record : null;

    private static bool IsSound(IReadOnlyList<ManifestFile> files) => files.All(file =>
        file is { Size: >= 0 } && PathGuard.IsSafe(file.Path)
        && (file.Digest is not { } digest || ContentDigest.TryCreate(digest.Algorithm, digest.Hex)?.Hex == digest.Hex));

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
