using System.CommandLine;
using Stevedore.Chaos.Parts;
using Stevedore.Programs;

namespace Stevedore.Chaos;

/// <summary><c>chaos [PART...] [--rounds N] [--seed N] [--short]</c>.</summary>
internal static class ChaosCommandLine
{
    private const int Missed = 1;
    private const int Usage = 64;
    private const int Interrupted = 130;

    // After a signal; unmounting and removing a few GiB takes its time.
    private static readonly TimeSpan CleaningUp = TimeSpan.FromSeconds(30);

    /// <summary>Every part by its name.</summary>
    public static IReadOnlyDictionary<string, Func<ChaosRun, IPart>> Parts { get; } = new Dictionary<string, Func<ChaosRun, IPart>>(StringComparer.Ordinal)
    {
        ["together"] = run => new TogetherPart(run),
        ["rate"] = run => new RatePart(run),
        ["rounds"] = run => new RoundsPart(run, "rounds"),
        ["locks"] = run => new RoundsPart(run, "locks", "lying-locks"),
        ["clock"] = run => new RoundsPart(run, "clock", "jumping-clock", share: 10),
        ["full"] = run => new FullDiskPart(run),
        ["readonly"] = run => new ReadOnlyPart(run),
        ["memory"] = run => new MemoryPart(run),
        ["crash"] = run => new CrashPart(run),
        ["small"] = run => new SmallFilesPart(run),
        ["prune"] = run => new PrunePart(run),
    };

    /// <summary>Parses and runs.</summary>
    /// <returns>0 when every figure keeps within its limit, 1 when one does not or something broke, 64 for a wrong command line.</returns>
    public static Task<int> RunAsync(string[] arguments)
    {
        var parts = new Argument<string[]>("PART") { Description = $"What to do: {string.Join(", ", Parts.Keys)} (default: all)", Arity = ArgumentArity.ZeroOrMore };
        parts.AcceptOnlyFromAmong([.. Parts.Keys]);
        var seed = new Option<int?>("--seed") { HelpName = "N", Description = "Repeats the random choices of an earlier run" };
        var rounds = new Option<int>("--rounds") { HelpName = "N", Description = "Rounds of chaos", DefaultValueFactory = _ => ChaosSettings.FullRounds };
        var isShort = new Option<bool>("--short") { Description = "Seconds instead of minutes" };
        var root = new RootCommand("Kills, pauses, starves and deceives the published fetcher, and holds what it does against what it promises.") { parts, seed, rounds, isShort };
        root.SetAction((parsed, stop) =>
        {
            var chosen = parsed.GetValue(parts) is { Length: > 0 } some ? some : [.. Parts.Keys];
            var settings = new ChaosSettings(parsed.GetValue(seed) ?? Random.Shared.Next(), Math.Max(1, parsed.GetValue(rounds)), parsed.GetValue(isShort));
            return RunAsync(chosen, settings, stop);
        });
        var parsed = root.Parse(arguments);
        foreach (var problem in parsed.Errors)
            Console.Error.WriteLine($"chaos: {problem.Message}");
        return parsed.Errors.Count > 0 ? Task.FromResult(Usage) : parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = CleaningUp });
    }

    private static async Task<int> RunAsync(string[] chosen, ChaosSettings settings, CancellationToken stop)
    {
        try
        {
            using var scratch = TemporaryFolder.For("stevedore-chaos");
            var run = new ChaosRun(Checkout.Find(), scratch, settings);
            var done = true;
            foreach (var name in chosen.Distinct())
                done &= await RunAsync(Parts[name](run), name, stop);
            var over = run.Figures.Count(figure => !figure.Holds);
            Console.WriteLine($"{run.Figures.Count - over} ok, {over} over; seed {settings.Seed}");
            return over == 0 && done ? 0 : Missed;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            ChaosRun.Say("stopped; nothing is left running.");
            return Interrupted;
        }
    }

    /// <summary>Runs one part; what breaks in it doesn't take the others' figures away.</summary>
    private static async Task<bool> RunAsync(IPart part, string name, CancellationToken stop)
    {
        try
        {
            await part.RunAsync(stop);
            return true;
        }
        catch (ProgramException failure)
        {
            ChaosRun.Say($"{name} could not be done: {failure.Message}");
            return false;
        }
    }
}
