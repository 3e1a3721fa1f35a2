using System.CommandLine;
using Stevedore.Contract;
using Stevedore.Contract.CommandLine;
using Stevedore.Contract.References;
using Stevedore.Contract.Values;
using Stevedore.Fetcher.Fetching;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Sources;
using Stevedore.Fetcher.Sources.S3;
using Stevedore.Fetcher.Transfer;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Commands;

/// <summary>What <c>mirror</c> was asked for.</summary>
/// <param name="Reference">What to copy.</param>
/// <param name="Target">Where to.</param>
/// <param name="Filter">Which files.</param>
/// <param name="FilesAtOnce">Files that are copied at once.</param>
/// <param name="S3">Which store.</param>
/// <param name="CaBundle">Authorities to trust besides the system's.</param>
/// <param name="Progress">How progress is shown.</param>
internal sealed record MirrorCommand(
    ModelReference Reference, ModelReference Target, FileFilter Filter, int FilesAtOnce, Func<S3Settings> S3, string? CaBundle, ProgressStyle Progress);

/// <summary><c>mirror REF TARGET</c>: copies a model to storage that you control.</summary>
internal sealed class MirrorVerb
{
    /// <summary>The verb.</summary>
    public const string Name = "mirror";

    private const int DefaultFilesAtOnce = 4;
    private const int MostFilesAtOnce = 64;

    private readonly Argument<string> _reference = new("REF") { Description = "What to copy, as for fetch" };
    private readonly Argument<string> _target = new("TARGET") { Description = "The folder of this model: s3://BUCKET/PREFIX/ or file:///DIR/" };
    private readonly Option<string[]> _include = new("--include") { HelpName = "GLOB", Description = "Copy only what this covers (fnmatch over the path); repeatable" };
    private readonly Option<string[]> _exclude = new("--exclude") { HelpName = "GLOB", Description = "Leave out what this covers; repeatable" };
    private readonly Option<string?> _connections = new("--connections") { HelpName = "N", Description = $"Files at once (default {DefaultFilesAtOnce}; each takes up to 24 MiB of memory)" };
    private readonly S3Options _s3 = new();
    private readonly Option<string?> _caBundle = new(FetchOptions.CaBundle) { HelpName = "FILE", Description = "Certificate authorities to trust besides the system's, and their revocation lists, in PEM" };
    private readonly Option<string?> _progress = new(FetchOptions.Progress) { HelpName = "auto|bar|plain|json|none", Description = "How progress is shown on stderr (default auto)" };

    /// <summary>The command for the parser.</summary>
    public Command Command()
    {
        var command = new Command(Name, "Copy a model to storage that you control, verified; what is there already is not sent again. Prints the target on stdout")
        {
            _reference, _target, _include, _exclude, _connections, _caBundle, _progress,
        };
        foreach (var option in _s3.All)
            command.Options.Add(option);
        return command;
    }

    /// <summary>Reads what was parsed.</summary>
    public Parsed<MirrorCommand> Read(ParseResult result, Func<string, string?> environment)
    {
        try
        {
            var reference = ModelReference.Parse(result.GetValue(_reference)!).OrThrow();
            var target = ModelReference.Parse(result.GetValue(_target)!).OrThrow();
            if (target is not (S3Reference or FileReference))
                return Parsed<MirrorCommand>.Wrong($"Nothing can be copied to {target}; name an s3://BUCKET/PREFIX/ or a file:///DIR/.");
            if (reference is ClaimReference or ImageReference)
                return Parsed<MirrorCommand>.Wrong($"{reference} is mounted where the workload runs and never fetched; mount it, and name its folder with file:///.");
            if (reference == target)
                return Parsed<MirrorCommand>.Wrong($"{reference} can't be copied to itself; name another target.");
            return new MirrorCommand(
                reference,
                target,
                new FileFilter([.. Globs(result, _include)], [.. Globs(result, _exclude)]),
                result.GetValue(_connections) is { } connections ? Count(connections) : DefaultFilesAtOnce,
                _s3.Read(result, environment),
                result.GetValue(_caBundle),
                Choices.Read(FetchOptions.Progress, result.GetValue(_progress), ProgressStyle.Auto));
        }
        catch (FormatException wrong)
        {
            return Parsed<MirrorCommand>.Wrong(wrong.Message);
        }
    }

    /// <summary>Copies, and prints the target.</summary>
    public static async Task<Ending> RunAsync(
        MirrorCommand command, Func<string, string?> environment, TextWriter output, ProgressReporter reporter, FetchMeter meter, CancellationToken cancellationToken)
    {
        using var sources = new ModelSources(WebSettings.From(command.CaBundle, environment), command.S3, environment);
        var target = sources.TargetAt(command.Target);
        try
        {
            await new MirrorFlow(
                sources.For(command.Reference), target, command.Filter, command.FilesAtOnce, new Backoff(Random.Shared, TimeProvider.System), reporter, meter, TimeProvider.System)
                .RunAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            (target as IDisposable)?.Dispose();
        }

        reporter.Close();
        output.WriteLine(command.Target);
        return Ending.Well;
    }

    private static IEnumerable<Glob> Globs(ParseResult result, Option<string[]> option) => (result.GetValue(option) ?? []).Select(text => new Glob(text));

    private static int Count(string text) => int.TryParse(text, out var count) && count is >= 1 and <= MostFilesAtOnce
        ? count
        : throw new FormatException($"--connections is {Quoted.Text(text)}; use a whole number from 1 to {MostFilesAtOnce}.");
}
