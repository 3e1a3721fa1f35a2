using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Stevedore.Contract;
using Stevedore.Contract.Values;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Upkeep;

namespace Stevedore.Fetcher.Commands;

/// <summary><c>prune --cache DIR</c>: removes versions that may go, and what dead fetchers left behind.</summary>
internal sealed class PruneVerb
{
    /// <summary>The verb.</summary>
    public const string Name = "prune";

    private readonly Option<string> _cache = new("--cache") { HelpName = "DIR", Description = "The cache's root", Required = true };
    private readonly Option<string?> _keep = new("--keep") { HelpName = "N", Description = "Of each model the N last used complete versions stay, the others go" };
    private readonly Option<string?> _unusedFor = new("--unused-for") { HelpName = "DURATION", Description = "Versions that nobody used for so long go, such as 720h; with --keep, only those beyond the N" };
    private readonly Option<string?> _maxBytes = new("--max-bytes") { HelpName = "SIZE", Description = "The least recently used versions go until the whole cache is no larger, such as 500Gi" };
    private readonly Option<bool> _ignoreMarks = new("--ignore-marks") { Description = "Remove also what pods have marked as used (fetch --mark)" };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Say what would be removed, and touch nothing" };
    private readonly Option<string?> _leaseTtl = new("--lease-ttl") { HelpName = "DURATION", Description = "After what silence a fetcher counts as dead (default 30s, 2m on network filesystems)" };
    private readonly Option<string> _output = new("--output", "-o") { HelpName = "text|json", Description = "How to print what was removed (default text)", DefaultValueFactory = _ => "text" };

    /// <summary>The command for the parser.</summary>
    public Command Command() => new(Name, "Remove versions that nobody uses, and what dead fetchers left behind; never what a pod has marked or a fetcher relies on")
    {
        _cache, _keep, _unusedFor, _maxBytes, _ignoreMarks, _dryRun, _leaseTtl, _output,
    };

    /// <summary>Prunes, and prints what it removed.</summary>
    public async Task<Ending> RunAsync(ParseResult result, TextWriter output, IRunLog log, CancellationToken cancellationToken)
    {
        PruneCriteria criteria;
        TimeSpan? ttl;
        string format;
        try
        {
            criteria = new PruneCriteria(
                result.GetValue(_keep) is { } keep ? Count(keep) : null,
                result.GetValue(_unusedFor) is { } age ? Read(_unusedFor.Name, GoDuration.Parse(age)) : null,
                result.GetValue(_maxBytes) is { } size ? Read(_maxBytes.Name, ByteSize.Parse(size)) : null,
                result.GetValue(_ignoreMarks));
            ttl = result.GetValue(_leaseTtl) is { } silence ? LeaseTtl(silence) : null;
            format = Format(result.GetValue(_output)!);
        }
        catch (FormatException wrong)
        {
            return new Ending(ExitCode.Usage, wrong.Message);
        }

        var cache = CacheFolder.Existing(result.GetValue(_cache)!);
        if (criteria is { Keep: null, UnusedFor: null, MaxBytes: null })
            log.Warn("Nothing says which versions may go (--keep, --unused-for or --max-bytes), so only leftovers are reclaimed.");
        var report = await new PruneFlow(cache, criteria, PruneSettings.For(cache, result.GetValue(_dryRun), ttl), log, TimeProvider.System)
            .RunAsync(cancellationToken).ConfigureAwait(false);
        if (criteria.MaxBytes is { } most && report.BytesLeft > most.Bytes)
            log.Warn($"The cache still holds {report.BytesLeft} bytes, which is more than --max-bytes {most}: the rest is marked, being fetched, or not a version that Stevedore fetched.");
        if (format == "json")
            output.WriteLine(JsonSerializer.Serialize(report, PruneJson.Default.PruneReport));
        else
            WriteLines(report, output);
        return Ending.Well;
    }

    private static void WriteLines(PruneReport report, TextWriter output)
    {
        foreach (var version in report.Removed)
            output.WriteLine($"removed\t{version.Reference}\t{version.Version}\t{version.Bytes}\t{version.Why}");
        foreach (var version in report.Kept)
            output.WriteLine($"kept\t{version.Reference}\t{version.Version}\t{version.Why}");
        foreach (var leftovers in report.Reclaimed)
            output.WriteLine($"reclaimed\t{leftovers.What}\t{leftovers.Files}\t{leftovers.Bytes}");
        output.WriteLine($"freed\t{report.BytesFreed}");
    }

    private static T Read<T>(string option, Parsed<T> parsed)
        where T : notnull => parsed.IsValid ? parsed.Value : throw new FormatException($"{option}: {parsed.Error}");

    private static int Count(string text) => int.TryParse(text, out var count) && count >= 0
        ? count
        : throw new FormatException($"--keep is {Quoted.Text(text)}; use a whole number from 0.");

    private static TimeSpan LeaseTtl(string text) => Read("--lease-ttl", GoDuration.Parse(text)) is var ttl && ttl >= TimeSpan.FromSeconds(1)
        ? ttl
        : throw new FormatException($"--lease-ttl is {Quoted.Text(text)}; at least 1s is needed, or the living would be declared dead.");

    private static string Format(string text) => text.ToLowerInvariant() is "text" or "json"
        ? text.ToLowerInvariant()
        : throw new FormatException($"--output is {Quoted.Text(text)}; use text or json.");
}

/// <summary>Written without reflection, for NativeAOT.</summary>
[JsonSerializable(typeof(PruneReport))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
internal sealed partial class PruneJson : JsonSerializerContext;
