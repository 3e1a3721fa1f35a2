using System.Text.Json;
using System.Text.Json.Serialization;
using Stevedore.Contract;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Sources.Web;

/// <summary>A directory that nginx lists as JSON (<c>autoindex_format json</c>), with all that lies below it.</summary>
internal static class AutoIndexListing
{
    private const int Deepest = 8;
    private const int MostFolders = 1_000;
    private const int MostEntries = 100_000;

    /// <summary>All files with their sizes and dates; null where the place is not listed like that.</summary>
    public static async Task<ModelManifest?> TryAsync(WebPlace place, Patience patience, CancellationToken cancellationToken)
    {
        var files = new List<ManifestFile>();
        var folders = new Queue<string>([""]);
        for (var asked = 0; folders.TryDequeue(out var folder); asked++)
        {
            if (asked == MostFolders || files.Count > MostEntries || folder.Count(c => c == '/') > Deepest)
            {
                throw Wrong(
                    place, $"has more than {MostFolders} folders or {MostEntries} files, or folders more than {Deepest} deep", "name the model's own folder");
            }

            var entries = await place.ReadAsync(folder, patience, (answer, body, stop) => ReadAsync(answer, body, stop), cancellationToken);
            if (entries is null && folder.Length == 0)
                return null;
            foreach (var entry in entries ?? throw Wrong(place, $"lists the folder {folder} but does not list what is in it", "mend the server's autoindex"))
                Add(place, folder, entry, files, folders);
        }

        PathGuard.Check(files.Select(file => file.Path), place.Name);
        files.Sort((one, other) => string.CompareOrdinal(one.Path, other.Path));
        return files.Count > 0
            ? Listing.Of(files)
            : throw new FetchException(ExitCode.NotFound, $"{place.Name} is an empty folder; check the address, which must end with the model's folder.");
    }

    private static void Add(WebPlace place, string folder, AutoIndexEntry entry, List<ManifestFile> files, Queue<string> folders)
    {
        if (entry.Name is not { Length: > 0 } name || name.Contains('/', StringComparison.Ordinal))
            throw Wrong(place, $"lists something without a proper name in its folder \"{folder}\"", "mend the server's autoindex");
        if (name is "." or "..")
            throw Wrong(place, $"lists the name \"{name}\", which climbs", "mend the server's autoindex");
        if (entry.Type == "directory")
            folders.Enqueue($"{folder}{name}/");
        else if (entry.Type == "file")
            files.Add(new ManifestFile(folder + name, Size(place, folder + name, entry), null, entry.MTime));
    }

    private static long Size(WebPlace place, string path, AutoIndexEntry entry) =>
        entry.Size is >= 0 and { } size ? size : throw Wrong(place, $"lists {path} without a valid size", "mend the server's autoindex");

    private static async Task<AutoIndexEntry[]?> ReadAsync(WebAnswer answer, Stream body, CancellationToken cancellationToken)
    {
        if (answer.Response.Content.Headers.ContentType?.MediaType != "application/json")
            return null;
        try
        {
            return await JsonSerializer.DeserializeAsync(body, AutoIndexJson.Default.AutoIndexEntryArray, cancellationToken);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static FetchException Wrong(WebPlace place, string what, string wayOut) => new(ExitCode.WrongContent, $"{place.Name} {what}; {wayOut}.");
}

/// <summary>One entry of nginx's <c>autoindex_format json</c>.</summary>
/// <param name="Name">Not encoded, without a slash.</param>
/// <param name="Type"><c>file</c>, <c>directory</c> or <c>other</c>.</param>
/// <param name="MTime">The very text that <c>Last-Modified</c> has.</param>
/// <param name="Size">Bytes; only for files.</param>
internal sealed record AutoIndexEntry(string? Name, string? Type, [property: JsonPropertyName("mtime")] string? MTime, long? Size);

/// <summary>Reads nginx's lists without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AutoIndexEntry[]))]
internal sealed partial class AutoIndexJson : JsonSerializerContext;
