using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Stevedore.Contract;
using Stevedore.Fetcher.Locking;
using Stevedore.Fetcher.Publishing;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Upkeep;

namespace Stevedore.Fetcher.Commands;

/// <summary><c>list --cache DIR [-o table|json]</c>: what is in a cache, who uses it, and who is at work on it.</summary>
internal sealed class ListVerb
{
    private readonly Option<string> _cache = new("--cache") { HelpName = "DIR", Description = "The cache's root", Required = true };
    private readonly Option<string> _output = new("--output", "-o") { HelpName = "table|json", Description = "How to print it (default table)", DefaultValueFactory = _ => "table" };

    /// <summary>The command for the parser.</summary>
    public Command Command() => new("list", "List the versions in a cache: sizes, last use, the pods that use them, and fetches in progress") { _cache, _output };

    /// <summary>Prints what is there.</summary>
    public Ending Run(ParseResult result, TextWriter output, IRunLog log)
    {
        var format = result.GetValue(_output)!.ToLowerInvariant();
        if (format is not ("table" or "json"))
            return new Ending(ExitCode.Usage, $"--output is \"{format}\"; use table or json.");
        var cache = CacheFolder.Existing(result.GetValue(_cache)!);
        var inventory = new CacheInventory(cache).Read();
        var watch = new CacheWatch(cache, TimeProvider.System);
        var versions = new CacheSurvey(cache, inventory, watch.Fetches(), Marks(new PodMarks(cache), log), watch.Arrived(inventory)).Versions().ToList();
        if (format == "json")
            output.WriteLine(JsonSerializer.Serialize(versions, ListJson.Default.ListCachedVersion));
        else
            VersionTable.Write(versions, new ContentLedger(inventory, [], []).Bytes, watch.LeftoverBytes(inventory), output);
        return Ending.Well;
    }

    private static IReadOnlyList<PodMark> Marks(PodMarks marks, IRunLog log)
    {
        try
        {
            return marks.All();
        }
        catch (FetchException unreadable)
        {
            log.Warn(unreadable.Message);
            return [];
        }
    }
}

/// <summary>Written without reflection, for NativeAOT.</summary>
[JsonSerializable(typeof(List<CachedVersion>))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
internal sealed partial class ListJson : JsonSerializerContext;
