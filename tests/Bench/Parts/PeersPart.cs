using Stevedore.Bench.Peers;
using Stevedore.Bench.Peers.Programs;
using Stevedore.Bench.Report;
using Stevedore.Programs;

namespace Stevedore.Bench.Parts;

/// <summary>The fetcher beside the downloaders of this machine: the same bytes from the same server into the same file system, in turns.</summary>
internal sealed class PeersPart(BenchRun run) : IPart
{
    private const string Name = "peers";
    private const double Mebi = 1 << 20;
    private const double MostMemory = 128;

    // Journals, what the programs keep besides, and air.
    private const long Spare = 512L << 20;

    private readonly PeerSettings _settings = run.Settings.Peers;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        IContestant[] all = [new Curl(), new Aria2(), new Rclone(), new S5cmd(), new Aws(), new StevedoreFetcher(run.Checkout)];
        var chosen = all.Where(program => _settings.Programs.Count == 0 || _settings.Programs.Contains(program.Name)).ToList();
        var here = chosen.Where(program => program.Path is not null).ToList();
        foreach (var missing in chosen.Except(here))
            BenchRun.Say($"{missing.Name} is not on the PATH and takes no part");

        using var sets = TemporaryFolder.In(Directory.Exists(PeerSettings.Memory) ? PeerSettings.Memory : Path.GetTempPath(), "stevedore-bench-sets");
        using var target = TemporaryFolder.In(_settings.WhereTo, "stevedore-bench-target");
        await using var server = await NginxProgram.StartAsync(run.Scratch.Sub("nginx"), sets.Path, cancellationToken);
        foreach (var name in _settings.Sets)
        {
            var set = FileSet.Of(name, _settings.Scale, run.Settings.Seed);
            CheckRoom(set, sets.Path, target.Path, _settings.KeepsTurns(set) ? here.Count * run.Settings.Rounds * _settings.Sources.Count : 1);
            using var folder = sets.Inner(set.Name);
            var written = await set.WriteAsync(folder.Path, run.Settings.Seed, cancellationToken);
            server.List(written);
            foreach (var source in _settings.Sources)
                run.Add(await HoldAsync(here, written, source, server, target, cancellationToken));
        }
    }

    private async Task<Contest> HoldAsync(
        IReadOnlyList<IContestant> programs, WrittenSet set, Source source, NginxProgram server, TemporaryFolder target, CancellationToken cancellationToken)
    {
        using var desk = run.Scratch.Inner("desk");
        var errand = new Errand(source, set, server, target.Path, desk.Path);
        var running = programs.Where(program => program.For(errand) is not null).ToDictionary(program => program, _ => new List<TurnTook>());
        var troubles = new Dictionary<IContestant, string>();
        for (var round = 0; round < run.Settings.Rounds; round++)
        {
            // Whoever comes first in one round comes last in the next: no one is always warmed up by the same other.
            var order = running.Keys.ToList();
            foreach (var program in order[(round % order.Count)..].Concat(order[..(round % order.Count)]).Where(program => !troubles.ContainsKey(program)))
            {
                var turn = target.Inner($"{source}-{round}-{program.Name}");
                try
                {
                    var took = await Turn.RunAsync(program, errand with { Target = turn.Path }, cancellationToken);
                    running[program].Add(took);
                    BenchRun.Say($"{set.Set.Title}, {source.Shown}, round {round + 1}: {program.Name} {took.Wall:0.00} s{(program.Verifies ? "" : $" + {took.DigestWall:0.00} s")}");
                }
                catch (TurnFailedException failure)
                {
                    troubles[program] = failure.Message;
                    BenchRun.Say($"{set.Set.Title}, {source.Shown}: {program.Name} is out: {failure.Message}");
                }
                finally
                {
                    if (!_settings.KeepsTurns(set.Set))
                        turn.Dispose();
                }
            }
        }

        return Judge(new Contest(set.Set, source, [.. running.Select(entry => new Row(entry.Key.Name, entry.Key.Verifies, entry.Value, troubles.GetValueOrDefault(entry.Key)))]));
    }

    /// <summary>Holds what the fetcher took against what it promises.</summary>
    private Contest Judge(Contest contest)
    {
        if (contest.Rows.FirstOrDefault(row => row.Program == StevedoreFetcher.Label) is not { } ours)
            return contest;
        var where = $"{contest.Set.Title}, {contest.Source.Shown}";
        if (!ours.IsComplete)
        {
            run.Add(new Figure(Name, where, double.NaN, "", AtMost: 0, Note: ours.Trouble!));
            return contest;
        }

        var isSmall = contest.Set.Name == "small";
        if (contest.FastestPeer is not null)
        {
            run.Add(
                new Figure(Name, where + ": wall to the fastest peer", contest.ToFastest(ours)!.Value, "×", AtMost: isSmall ? 0.8 : contest.Source == Source.Https ? null : 1.1),
                new Figure(Name, where + ": wall to it and its digests", contest.ToFastestVerified(ours)!.Value, "×", AtMost: contest.Source == Source.Https ? 1.0 : 0.8),
                new Figure(Name, where + ": processor", contest.ProcessorOf(ours), "s/GB", AtMost: contest.ProcessorOfFastest, Note: "limit: the fastest peer and its digests"));
        }

        run.Add(new Figure(Name, where + ": peak memory", ours.PeakBytes / Mebi, "MiB", AtMost: MostMemory, Note: "the worst round"));
        return contest;
    }

    private static void CheckRoom(FileSet set, string sets, string target, int turns)
    {
        var (here, there) = (new DriveInfo(sets), new DriveInfo(target));
        var together = here.RootDirectory.FullName == there.RootDirectory.FullName;
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (here.AvailableFreeSpace < set.Bytes + (together ? set.Bytes * turns : 0) + Spare || there.AvailableFreeSpace < (set.Bytes * turns) + Spare)
        {
            throw new ProgramException(
                $"{set.Title} needs {set.Bytes >> 20} MiB in {sets} and {(set.Bytes * turns) >> 20} MiB in {target}; choose another target with --target, or smaller sets with --scale (this machine has {memory >> 20} MiB of memory).");
        }
    }
}
