using System.CommandLine;
using Stevedore.Bench.Parts;
using Stevedore.Bench.Peers;
using Stevedore.Bench.Report;
using Stevedore.Programs;

namespace Stevedore.Bench;

/// <summary><c>bench [PART...] [--seed N] [--rounds N]</c>, and what narrows the contests with other programs.</summary>
internal static class BenchCommandLine
{
    private const int Over = 1;
    private const int Interrupted = 130;
    private const int Usage = 64;

    // After a signal; removing a few GiB takes its time.
    private static readonly TimeSpan CleaningUp = TimeSpan.FromSeconds(30);

    // They want nginx, and a quiet machine for minutes.
    private static readonly string[] OnlyByName = ["peers", "tls"];

    private static readonly Dictionary<string, Func<BenchRun, IPart>> Parts = new(StringComparer.Ordinal)
    {
        ["fetch"] = run => new FetchPart(run),
        ["peers"] = run => new PeersPart(run),
        ["tls"] = run => new TlsPart(run),
        ["kill"] = run => new KillPart(run),
        ["warm"] = run => new WarmPart(run),
        ["webhook"] = run => new WebhookPart(run),
        ["saturation"] = run => new SaturationPart(run),
        ["first"] = run => new FirstReviewPart(run),
        ["policies"] = run => new PoliciesPart(run),
        ["rotation"] = run => new RotationPart(run),
        ["rollout"] = run => new RolloutPart(run),
    };

    /// <summary>Parses and runs.</summary>
    /// <returns>0 when every figure keeps within its limit, 1 when one does not or something broke, 64 for a wrong command line.</returns>
    public static Task<int> RunAsync(string[] arguments)
    {
        var parts = new Argument<string[]>("PART") { Description = $"What to measure: {string.Join(", ", Parts.Keys)} (default: all but {string.Join(" and ", OnlyByName)})", Arity = ArgumentArity.ZeroOrMore };
        parts.AcceptOnlyFromAmong([.. Parts.Keys]);
        var seed = new Option<int?>("--seed") { HelpName = "N", Description = "Repeats the random choices of an earlier run" };
        var rounds = new Option<int>("--rounds") { HelpName = "N", Description = "How often a fetch is measured", DefaultValueFactory = _ => PeerSettings.FullRounds };
        var peers = new PeerOptions();
        var root = new RootCommand("Measures the published programs on loopback, and holds each figure against its limit.") { parts, seed, rounds };
        peers.AddTo(root);
        root.SetAction((parsed, stop) =>
        {
            var chosen = parsed.GetValue(parts) is { Length: > 0 } some ? some : [.. Parts.Keys.Except(OnlyByName)];
            var settings = new BenchSettings(parsed.GetValue(seed) ?? Random.Shared.Next(), Math.Max(1, parsed.GetValue(rounds)), peers.Read(parsed));
            return MeasureAsync(chosen, settings, stop);
        });
        var parsed = root.Parse(arguments);
        foreach (var problem in parsed.Errors)
            Console.Error.WriteLine($"bench: {problem.Message}");
        return parsed.Errors.Count > 0 ? Task.FromResult(Usage) : parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = CleaningUp });
    }

    private static async Task<int> MeasureAsync(string[] chosen, BenchSettings settings, CancellationToken stop)
    {
        try
        {
            var checkout = Checkout.Find();
            var machine = Machine.Of(checkout);
            using var scratch = TemporaryFolder.For("stevedore-bench");
            await using var run = new BenchRun(checkout, scratch, settings);
            var measured = true;
            foreach (var name in chosen.Distinct())
                measured &= await MeasureAsync(Parts[name](run), name, stop);
            return new BenchReport(checkout, machine, settings, run.Figures, run.Contests).Publish() && measured ? 0 : Over;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("bench: stopped; nothing is left running.");
            return Interrupted;
        }
        catch (Exception failure)
        {
            await Console.Error.WriteLineAsync(failure is ProgramException ? $"bench: {failure.Message}" : $"bench: it broke in a way that nobody foresaw: {failure}");
            return Over;
        }
    }

    /// <summary>Measures one part; what breaks in it doesn't take the others' figures away.</summary>
    private static async Task<bool> MeasureAsync(IPart part, string name, CancellationToken stop)
    {
        try
        {
            await part.RunAsync(stop);
            return true;
        }
        catch (ProgramException failure)
        {
            BenchRun.Say($"{name} could not be measured: {failure.Message}");
            return false;
        }
    }
}

/// <summary>What a run was asked for.</summary>
/// <param name="Seed">Of all random choices.</param>
/// <param name="Rounds">How often a fetch is measured.</param>
/// <param name="Peers">Which contests are held with other programs.</param>
internal sealed record BenchSettings(int Seed, int Rounds, PeerSettings Peers);
