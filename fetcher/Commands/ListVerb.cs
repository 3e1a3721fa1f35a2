using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Stevedore.Contract;
using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Publishing;

namespace Stevedore.Fetcher.Commands;

/// <summary>A version in a cache; the names are those of <c>list -o json</c> and stay.</summary>
/// <param name="Reference">As it was asked for first.</param>
/// <param name="Version">Commit or digest of the file list.</param>
/// <param name="Revisions">What means this version at the moment.</param>
/// <param name="Filter">The key of the filter under which it is complete; <c>default</c> where none was given.</param>
/// <param name="Files">Wanted files.</param>
/// <param name="Bytes">Of the wanted files together.</param>
/// <param name="Complete">Whether all of them are there with the right size.</param>
/// <param name="PublishedAt">When it was completed.</param>
/// <param name="Path">Where it is found.</param>
internal sealed record CachedVersion(
    string Reference, string Version, IReadOnlyList<string> Revisions, string Filter, int Files, long Bytes, bool Complete, DateTimeOffset PublishedAt, string Path);

/// <summary><c>list --cache DIR [-o table|json]</c>: what is in a cache.</summary>
internal sealed class ListVerb
{
    private readonly Option<string> _cache = new("--cache") { HelpName = "DIR", Description = "The cache's root", Required = true };
    private readonly Option<string> _output = new("--output", "-o") { HelpName = "table|json", Description = "How to print it (default table)", DefaultValueFactory = _ => "table" };

    /// <summary>The command for the parser.</summary>
    public Command Command() => new("list", "List the versions in a cache") { _cache, _output };

    /// <summary>Prints what is there.</summary>
    public Ending Run(ParseResult result, TextWriter output)
    {
        var format = result.GetValue(_output)!.ToLowerInvariant();
        if (format is not ("table" or "json"))
            return new Ending(ExitCode.Usage, $"--output is \"{format}\"; use table or json.");
        var cache = CacheFolder.Existing(result.GetValue(_cache)!);
        var records = new VersionRecords(cache);
        var versions = records.Completions().Select(entry => Describe(cache, records, entry.Folder, entry.Completion)).ToList();
        if (format == "json")
            output.WriteLine(JsonSerializer.Serialize(versions, ListJson.Default.ListCachedVersion));
        else
            WriteTable(versions, output);
        return Ending.Well;
    }

    private static CachedVersion Describe(CacheLayout cache, VersionRecords records, string folder, Completion completion)
    {
        var snapshot = new Snapshot(cache, folder, completion.Version);
        return new CachedVersion(
            completion.Reference,
            completion.Version,
            records.RevisionsOf(folder, completion.Version),
            completion.Filter,
            completion.Files.Count,
            completion.Files.Sum(file => file.Size),
            completion.Files.All(snapshot.Holds),
            completion.At,
            snapshot.Path);
    }

    private static void WriteTable(List<CachedVersion> versions, TextWriter output)
    {
        List<string[]> rows = [["REFERENCE", "VERSION", "REVISIONS", "FILES", "SIZE", "STATE", "PUBLISHED"]];
        rows.AddRange(versions.Select(version => new[]
        {
            version.Reference + (version.Filter == "default" ? "" : $" (filter {version.Filter})"),
            version.Version[..Math.Min(12, version.Version.Length)],
            version.Revisions.Count == 0 ? "-" : string.Join(",", version.Revisions),
            version.Files.ToString(),
            Human(version.Bytes),
            version.Complete ? "complete" : "incomplete",
            version.PublishedAt.ToString("yyyy-MM-dd HH:mm:ss'Z'"),
        }));
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
            output.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }

    private static string Human(long bytes) => bytes switch
    {
        >= 1L << 30 => $"{bytes / (double)(1L << 30):0.0} GiB",
        >= 1L << 20 => $"{bytes / (double)(1L << 20):0.0} MiB",
        >= 1L << 10 => $"{bytes / (double)(1L << 10):0.0} KiB",
        _ => $"{bytes} B",
    };
}

/// <summary>Written without reflection, for NativeAOT.</summary>
[JsonSerializable(typeof(List<CachedVersion>))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
internal sealed partial class ListJson : JsonSerializerContext;
