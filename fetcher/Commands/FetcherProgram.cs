using System.CommandLine;
using System.CommandLine.Invocation;
using Stevedore.Contract;
using Stevedore.Contract.CommandLine;
using Stevedore.Contract.Layout;
using Stevedore.Fetcher.Fetching;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Sources;
using Stevedore.Fetcher.Sources.S3;
using Stevedore.Fetcher.Telemetry;
using Stevedore.Fetcher.Transfer;
using Stevedore.Fetcher.Transfer.Pace;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Commands;

/// <summary>One run of the program: arguments in, exit code out.</summary>
/// <param name="output">Results, and nothing else.</param>
/// <param name="errors">Everything else.</param>
/// <param name="environment">Reads an environment variable.</param>
internal sealed class FetcherProgram(TextWriter output, TextWriter errors, Func<string, string?> environment)
{
    // A collector that is near answers in milliseconds, and no pod waits for another one. After a signal there is less than a second for everything.
    private static readonly TimeSpan FlushPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan FlushPatienceAfterSignal = TimeSpan.FromMilliseconds(500);

    private readonly FetchVerb _fetch = new();
    private readonly VerifyVerb _verify = new();
    private readonly ListVerb _list = new();
    private readonly PruneVerb _prune = new();
    private readonly MirrorVerb _mirror = new();
    private readonly FetchMeter _meter = new();
    private readonly Scrubber _scrubber = new(environment);
    private FetchTelemetry? _telemetry;
    private int _ended;

    /// <summary>Runs the command that the arguments name.</summary>
    public async Task<ExitCode> RunAsync(IReadOnlyList<string> arguments)
    {
        var parsed = CommandLineParser.Parse(Root(), arguments);
        if (parsed.Action is { } and not ParseErrorAction)
            return (ExitCode)await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = errors }).ConfigureAwait(false);
        if (CommandLineParser.ProblemOf(parsed) is { } problem)
            return End(new Ending(ExitCode.Usage, problem), null);
        FetchCommand? command = null;
        if (parsed.CommandResult.Command.Name == FetchCommand.Verb)
        {
            var read = _fetch.Read(parsed);
            if (!read.IsValid)
                return End(new Ending(ExitCode.Usage, read.Error), null);
            command = read.Value;
        }

        MirrorCommand? copy = null;
        if (parsed.CommandResult.Command.Name == MirrorVerb.Name)
        {
            var read = _mirror.Read(parsed, environment);
            if (!read.IsValid)
                return End(new Ending(ExitCode.Usage, read.Error), null);
            copy = read.Value;
        }

        var style = (command?.Progress ?? copy?.Progress) is { } progress ? ProgressReporter.Choose(progress, !Console.IsErrorRedirected, environment("TERM")) : ProgressStyle.None;
        var work = copy is not null ? $"copy of {copy.Reference} to {copy.Target}" : command is null ? $"{parsed.CommandResult.Command.Name} of {parsed.GetValue<string>("--cache")}" : $"fetch of {string.Join(", ", command.References)}";
        using var reporter = new ProgressReporter(style, _meter, errors, _scrubber, TimeProvider.System, Columns());
        using var telemetry = _telemetry = command is null ? null : FetchTelemetry.Start(environment, command.References, _meter, reporter.Warn);
        using var signals = new StopSignals(code => Environment.Exit((int)End(Ending.For(code, _meter, work), reporter)), TimeProvider.System);
        try
        {
            return End(
                command is not null ? await FetchAsync(command, reporter, signals.Token).ConfigureAwait(false)
                : copy is not null ? await MirrorVerb.RunAsync(copy, environment, output, reporter, _meter, signals.Token).ConfigureAwait(false)
                : parsed.CommandResult.Command.Name == VerifyVerb.Name ? _verify.Run(parsed, output, reporter, _meter, signals.Token)
                : parsed.CommandResult.Command.Name == PruneVerb.Name ? await _prune.RunAsync(parsed, output, reporter, signals.Token).ConfigureAwait(false)
                : _list.Run(parsed, output, reporter),
                reporter);
        }
        catch (OperationCanceledException) when (signals.Code is { } code)
        {
            return End(Ending.For(code, _meter, work), reporter);
        }
        catch (Exception error)
        {
            if (environment("STEVEDORE_DEBUG") == "1")
                reporter.Debug(error.ToString());
            return End(Ending.For(error, work), reporter);
        }
    }

    private RootCommand Root()
    {
        var root = new RootCommand("Fetches models into a shared cache: in parallel, verified, and resumed where a killed run stopped.")
        {
            _fetch.Command(), _verify.Command(), _list.Command(), _prune.Command(), _mirror.Command(),
        };
        // Windows' way to ask for help is an absolute path here.
        var help = root.Options.OfType<System.CommandLine.Help.HelpOption>().Single();
        foreach (var alias in help.Aliases.Where(alias => alias.StartsWith('/')).ToList())
            help.Aliases.Remove(alias);
        return root;
    }

    private async Task<Ending> FetchAsync(FetchCommand command, ProgressReporter reporter, CancellationToken cancellationToken)
    {
        using var sources = new ModelSources(
            WebSettings.From(command.CaBundle, environment),
            () => S3Settings.From(command.S3Endpoint, command.S3Region, command.S3Addressing, command.S3Anonymous, environment),
            environment)
        {
            Mirrors = command.Mirrors,
            Log = reporter,
        };
        var engine = new TransferEngine(
            new CacheLayout(command.Cache),
            EngineSettings.From(command, ContainerLimits.Read()),
            new Backoff(Random.Shared, TimeProvider.System),
            _meter,
            TimeProvider.System);
        var paths = await new FetchFlow(command, sources.For, engine, reporter, _meter, TimeProvider.System).RunAsync(cancellationToken).ConfigureAwait(false);
        reporter.Close();
        foreach (var path in paths)
            output.WriteLine(path);
        return Ending.Well;
    }

    /// <summary>Says how the run ended; once, although a signal's timer and the run itself may both get here.</summary>
    private ExitCode End(Ending ending, ProgressReporter? reporter)
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
            return ending.Code;
        ending.Leave(environment("STEVEDORE_TERMINATION_LOG") ?? Ending.TerminationLog, _scrubber);
        if (ending.Sentence is { } sentence)
        {
            if (reporter is not null)
                reporter.Fail(sentence);
            else
                errors.WriteLine($"error: {_scrubber.Clean(sentence)}");
        }

        _telemetry?.End(
            ending.Code,
            ending.Sentence is { } said ? _scrubber.Clean(said) : null,
            ending.Code is ExitCode.Interrupted or ExitCode.Terminated ? FlushPatienceAfterSignal : FlushPatience);
        return ending.Code;
    }

    private static int Columns()
    {
        try
        {
            return !Console.IsErrorRedirected && Console.WindowWidth is > 0 and var columns ? Math.Max(20, columns) : 80;
        }
        catch (IOException)
        {
            return 80;
        }
    }
}
