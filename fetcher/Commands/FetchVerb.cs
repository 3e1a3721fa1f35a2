using System.CommandLine;
using Stevedore.Contract;
using Stevedore.Contract.CommandLine;
using Stevedore.Contract.References;
using Stevedore.Contract.Values;

namespace Stevedore.Fetcher.Commands;

/// <summary><c>fetch REF...</c>: the options of <see cref="FetchCommand"/>, as a person and as the webhook write them.</summary>
internal sealed class FetchVerb
{
    private const int MostConnections = 256;
    private const int LongestMark = 512;
    private static readonly ByteSize LeastMemory = new(32 << 20);

    private readonly Argument<string[]> _references = new("REF")
    {
        Description = "What to fetch: hf://OWNER/NAME[@REVISION], OWNER/NAME, https://HOST/DIR/, https://HOST/FILE, s3://BUCKET/PREFIX/ or file:///DIR/",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string?> _cache = Text(FetchOptions.Cache, "DIR", "The cache's root; made where it is missing", required: true);
    private readonly Option<string?> _cacheSeenAs = Text(FetchOptions.CacheSeenAs, "DIR", "Where the workload mounts the cache: links in the view lead there");
    private readonly Option<string?> _view = Text(FetchOptions.View, "DIR", "The pod's view: a folder of links that pins it to these versions");
    private readonly Option<string[]> _as = Many(FetchOptions.As, "REF=NAME-OR-PATH", "What the workload calls a model: a name, or an absolute directory");
    private readonly Option<string[]> _include = Many(FetchOptions.Include, "GLOB", "Fetch only what this covers (fnmatch over the path)");
    private readonly Option<string[]> _exclude = Many(FetchOptions.Exclude, "GLOB", "Leave out what this covers");
    private readonly Option<string[]> _mirrors = Many(FetchOptions.Mirror, "PREFIX=TARGET", "Fetch references with this prefix from there instead, and from the original only where TARGET is empty");
    private readonly Option<string?> _refresh = Text(FetchOptions.Refresh, "DURATION", "Ask what a branch means when the last answer is older (default 10m; 0 asks every time)");
    private readonly Option<bool> _requirePresent = new(FetchOptions.RequirePresent) { Description = "Never touch the network: 66 when the model is not in the cache" };
    private readonly Option<string?> _wait = Text(FetchOptions.Wait, "DURATION", "How long to wait for other fetchers (default: as long as they live)");
    private readonly Option<string?> _verification = Text(FetchOptions.Verification, "size|full", "How what is already published is trusted (default size)");
    private readonly Option<string?> _mark = Text(FetchOptions.Mark, "ID", "The pod that uses the versions, as NAMESPACE/NAME/UID@NODE: prune leaves them alone");
    private readonly Option<string?> _connections = Text(FetchOptions.Connections, "N", "Connections at once (default 8)");
    private readonly Option<string?> _memory = Text(FetchOptions.Memory, "SIZE", "Memory that buffers may take; fewer connections where it is small");
    private readonly Option<string?> _leaseTtl = Text(FetchOptions.LeaseTtl, "DURATION", "After what silence another fetcher counts as dead (default 30s, 2m on network filesystems)");
    private readonly S3Options _s3 = new();
    private readonly Option<string?> _caBundle = Text(FetchOptions.CaBundle, "FILE", "Certificate authorities to trust besides the system's, and their revocation lists, in PEM");
    private readonly Option<string?> _progress = Text(FetchOptions.Progress, "auto|bar|plain|json|none", "How progress is shown on stderr (default auto)");

    /// <summary>The command for the parser.</summary>
    public Command Command()
    {
        var command = new Command(FetchCommand.Verb, "Fetch models into a cache, verified; prints the path of each on stdout") { _references };
        Option[] options =
        [
            _cache, _cacheSeenAs, _view, _as, _include, _exclude, _mirrors, _refresh, _requirePresent, _wait, _verification, _mark, _connections, _memory,
            _leaseTtl, .. _s3.All, _caBundle, _progress,
        ];
        foreach (var option in options)
            command.Options.Add(option);
        return command;
    }

    /// <summary>Reads what was parsed into the contract's type.</summary>
    public Parsed<FetchCommand> Read(ParseResult result)
    {
        try
        {
            var references = CommandLineParser.Positional(result, _references).OrThrow()
                .Select(text => ModelReference.Parse(text).OrThrow()).Distinct().ToList();
            var command = new FetchCommand(references, Path.GetFullPath(NotEmpty(FetchOptions.Cache, result.GetValue(_cache)!)))
            {
                CacheSeenAs = Absolute(FetchOptions.CacheSeenAs, result.GetValue(_cacheSeenAs)),
                View = result.GetValue(_view) is { } view ? Path.GetFullPath(NotEmpty(FetchOptions.View, view)) : null,
                Aliases = [.. All(result, _as).Select(text => Read(FetchOptions.As, ModelAlias.Parse(text)))],
                Include = [.. All(result, _include).Select(text => new Glob(text))],
                Exclude = [.. All(result, _exclude).Select(text => new Glob(text))],
                Mirrors = [.. All(result, _mirrors).Select(text => Read(FetchOptions.Mirror, MirrorRule.Parse(text)))],
                Refresh = result.GetValue(_refresh) is { } refresh ? Read(FetchOptions.Refresh, GoDuration.Parse(refresh)) : FetchCommand.DefaultRefresh,
                RequirePresent = result.GetValue(_requirePresent),
                Wait = result.GetValue(_wait) is { } wait ? Read(FetchOptions.Wait, GoDuration.Parse(wait)) : null,
                Verification = Choices.Read(FetchOptions.Verification, result.GetValue(_verification), Verification.Size),
                Mark = result.GetValue(_mark) is { } mark ? Mark(mark) : null,
                Connections = result.GetValue(_connections) is { } connections ? Count(connections) : FetchCommand.DefaultConnections,
                Memory = result.GetValue(_memory) is { } memory ? Memory(memory) : null,
                LeaseTtl = result.GetValue(_leaseTtl) is { } ttl ? LeaseTtl(ttl) : null,
                S3Endpoint = _s3.Endpoint(result),
                S3Region = _s3.Region(result),
                S3Addressing = _s3.Addressing(result),
                S3Anonymous = _s3.Anonymous(result),
                CaBundle = result.GetValue(_caBundle),
                Progress = Choices.Read(FetchOptions.Progress, result.GetValue(_progress), ProgressStyle.Auto),
            };
            var stray = command.Aliases.FirstOrDefault(alias => !references.Contains(alias.Reference));
            if (command.Aliases.GroupBy(alias => alias.Alias.TrimEnd('/')).FirstOrDefault(same => same.Select(alias => alias.Reference).Distinct().Count() > 1) is { } twice)
                return Parsed<FetchCommand>.Wrong($"--as calls two models {Quoted.Text(twice.Key)}; give each a name or a directory of its own.");
            if (command.View is { } folder && (IsInside(folder, command.Cache) || IsInside(command.Cache, folder)))
                return Parsed<FetchCommand>.Wrong($"--view {folder} and --cache {command.Cache} lie in each other; give the view a folder of its own.");
            return stray is null
                ? command
                : Parsed<FetchCommand>.Wrong($"--as names {stray.Reference}, which is not among the references to fetch; name it there too.");
        }
        catch (FormatException wrong)
        {
            return Parsed<FetchCommand>.Wrong(wrong.Message);
        }
    }

    private static Option<string?> Text(string name, string value, string description, bool required = false) =>
        new(name) { HelpName = value, Description = description, Required = required };

    private static Option<string[]> Many(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description + "; repeatable", AllowMultipleArgumentsPerToken = false };

    private static string[] All(ParseResult result, Option<string[]> option) => result.GetValue(option) ?? [];

    private static T Read<T>(string option, Parsed<T> parsed)
        where T : notnull => parsed.IsValid ? parsed.Value : throw new FormatException($"{option}: {parsed.Error}");

    private static bool IsInside(string inner, string outer) =>
        (inner.TrimEnd('/') + "/").StartsWith(outer.TrimEnd('/') + "/", StringComparison.Ordinal);

    private static string NotEmpty(string option, string text) =>
        text.Length > 0 ? text : throw new FormatException($"{option} is empty; name a directory, such as /var/cache/stevedore.");

    private static string? Absolute(string option, string? path) => path is null || path.StartsWith('/')
        ? path
        : throw new FormatException($"{option} is \"{path}\", and it names a place in another container: write an absolute path.");

    private static int Count(string text) => int.TryParse(text, out var count) && count is >= 1 and <= MostConnections
        ? count
        : throw new FormatException($"{FetchOptions.Connections} is \"{text}\"; use a whole number from 1 to {MostConnections}.");

    private static ByteSize Memory(string text) => Read(FetchOptions.Memory, ByteSize.Parse(text)) is var size && size.Bytes >= LeastMemory.Bytes
        ? size
        : throw new FormatException($"{FetchOptions.Memory} is \"{text}\"; at least {LeastMemory} are needed.");

    private static TimeSpan LeaseTtl(string text) => Read(FetchOptions.LeaseTtl, GoDuration.Parse(text)) is var ttl && ttl >= TimeSpan.FromSeconds(1)
        ? ttl
        : throw new FormatException($"{FetchOptions.LeaseTtl} is \"{text}\"; at least 1s is needed, or the living would be declared dead.");

    private static string Mark(string text) => text.Length is > 0 and <= LongestMark && !text.Any(char.IsControl) && text.Trim().Length > 0
        ? text
        : throw new FormatException($"{FetchOptions.Mark} is {Quoted.Text(text)}; name the pod in 1 to {LongestMark} printable characters, such as NAMESPACE/NAME/UID@NODE.");
}
