using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using Stevedore.HubFixture;
using Stevedore.Programs;

namespace Stevedore.Chaos;

/// <summary>
/// Fetchers that come and go, some of them killed, pods that mark a version and read every byte of it for as long as they live, and over all of them, two at a time,
/// prunes that would leave nothing.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="duration">For how long.</param>
internal sealed class PruneRace(ChaosRun run, TimeSpan duration)
{
    private const int Fetchers = 4;
    private const int Readers = 4;
    private const int Pruners = 2;
    private const int Models = 2;
    private const int Commits = 3;
    private const int Mebi = 1 << 20;
    private const int GaveUp = 75;
    private static readonly TimeSpan PodLives = TimeSpan.FromSeconds(1);
    private static readonly string[][] Prunes =
    [
        ["--keep", "0"], ["--max-bytes", "0"], ["--unused-for", "0s"], ["--keep", "0", "--unused-for", "1s"], ["--keep", "1", "-o", "json"],
    ];

    private readonly ConcurrentDictionary<string, byte> _wrong = [];
    private readonly List<PublishedVersion> _versions = [];
    private int _fetches;
    private int _kills;
    private long _reads;
    private int _prunes;
    private int _removed;

    /// <summary>Runs it.</summary>
    public async Task<PruneRaceOutcome> RunAsync(CancellationToken cancellationToken)
    {
        using var folder = run.Scratch.Inner($"prune-{Guid.NewGuid():N}");
        await using var hub = await HubServer.StartAsync(ct: cancellationToken);
        Publish(hub);
        var world = new World(folder.Sub("cache"), new Dictionary<string, string> { ["HF_ENDPOINT"] = hub.Endpoint.OriginalString });
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        over.CancelAfter(duration);
        await Task.WhenAll(
        [
            .. Enumerable.Range(0, Fetchers).Select(slot => LoopAsync(slot, random => FetchAsync(world, random, cancellationToken), over.Token)),
            .. Enumerable.Range(0, Readers).Select(slot => LoopAsync(Fetchers + slot, random => ReadAsync(world, random, cancellationToken), over.Token)),
            .. Enumerable.Range(0, Pruners).Select(slot => LoopAsync(
                Fetchers + Readers + slot, random => PruneAsync(world, Prunes[random.Next(Prunes.Length)], cancellationToken), over.Token)),
        ]);
        cancellationToken.ThrowIfCancellationRequested();

        AgeTemporaryFiles(world.Cache);
        await PruneAsync(world, ["--keep", "0"], cancellationToken);
        return new PruneRaceOutcome(_fetches, _kills, _reads, _prunes, _removed, [.. _wrong.Keys], LeftIn(world.Cache));
    }

    private async Task LoopAsync(int slot, Func<Random, Task> act, CancellationToken over)
    {
        var random = new Random((run.Settings.Seed * 31) + slot);
        while (!over.IsCancellationRequested)
            await act(random);
    }

    private async Task FetchAsync(World world, Random random, CancellationToken cancellationToken)
    {
        var version = _versions[random.Next(_versions.Count)];
        await using var pod = await Pod.StartAsync(run.Checkout, Fetch(world, version), world.Environment);
        if (random.Next(5) == 0)
        {
            await Task.WhenAny(pod.EndAsync(cancellationToken), Task.Delay(random.Next(20, 400), cancellationToken));
            if (await pod.KillAsync())
                Interlocked.Increment(ref _kills);
        }

        var end = await pod.EndAsync(cancellationToken);
        Interlocked.Increment(ref _fetches);
        if (end.Code is not (0 or EndedProgram.KilledCode))
            Complain($"a fetch ended with exit code {end.Code}: {LastOf(end)}");
    }

    // What a pod does: fetch and mark, read as long as it lives; then somebody who lists pods removes its mark.
    private async Task ReadAsync(World world, Random random, CancellationToken cancellationToken)
    {
        var version = _versions[random.Next(_versions.Count)];
        var uid = Guid.NewGuid().ToString();
        await using var pod = await Pod.StartAsync(run.Checkout, [.. Fetch(world, version), "--mark", $"default/reader/{uid}@node"], world.Environment);
        var end = await pod.EndAsync(cancellationToken);
        if (end.Code != 0)
        {
            Complain($"a reader's fetch ended with exit code {end.Code}: {LastOf(end)}");
            return;
        }

        for (var life = Stopwatch.StartNew(); life.Elapsed < PodLives; await Task.Delay(20, cancellationToken))
        {
            foreach (var (path, digest) in version.Digests)
            {
                Interlocked.Increment(ref _reads);
                if (DigestOf(Path.Combine(end.Output[^1], path)) is var found && found != digest)
                    Complain($"{path} of {version.Reference} {(found is null ? "is gone" : "has other bytes")} under a reader that has marked it");
            }
        }

        foreach (var mark in Directory.EnumerateFiles(Path.Combine(world.Cache, ".stevedore", "marks"), uid + ".*"))
            File.Delete(mark);
    }

    private async Task PruneAsync(World world, string[] criteria, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(world.Cache))
        {
            await Task.Delay(50, cancellationToken);
            return;
        }

        await using var pod = await Pod.StartAsync(run.Checkout, ["prune", "--cache", world.Cache, "--lease-ttl", "5s", .. criteria], world.Environment);
        var end = await pod.EndAsync(cancellationToken);
        Interlocked.Increment(ref _prunes);
        Interlocked.Add(ref _removed, end.Output.Count(line => line.StartsWith("removed\t", StringComparison.Ordinal)));
        if (end.Code is not (0 or GaveUp))
            Complain($"a prune ended with exit code {end.Code}: {LastOf(end)}");
    }

    private static IEnumerable<string> Fetch(World world, PublishedVersion version) =>
        ["fetch", version.Reference, "--cache", world.Cache, "--connections", "2", "--lease-ttl", "5s", "--progress", "none"];

    private void Publish(HubServer hub)
    {
        for (var model = 0; model < Models; model++)
        {
            var repository = hub.AddRepository($"chaos/prune-{model}");
            var files = new Dictionary<string, byte[]> { ["shared.safetensors"] = Noise(3 * Mebi, model), ["deep/shared.txt"] = Noise(5000, 10 + model) };
            for (var commit = 0; commit < Commits; commit++)
            {
                files["own.safetensors"] = Noise(2 * Mebi, 100 + (10 * model) + commit);
                files["config.json"] = Noise(300, 200 + (10 * model) + commit);
                foreach (var (path, content) in files)
                    repository.AddFile(path, content, lfs: path.EndsWith(".safetensors", StringComparison.Ordinal));
                _versions.Add(new PublishedVersion(
                    $"hf://chaos/prune-{model}@{repository.Publish().Sha}", files.ToDictionary(file => file.Key, file => Convert.ToHexStringLower(SHA256.HashData(file.Value)))));
            }
        }
    }

    private void Complain(string wrong) => _wrong.TryAdd(wrong, 0);

    private static string LastOf(EndedProgram end) => end.Errors.Count > 0 ? end.Errors[^1] : "it said nothing";

    private static string? DigestOf(string path)
    {
        try
        {
            return Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>
    /// What a fetcher makes for a moment (probes, staged writes) is left alone for an hour, since nothing tells whose it is. All fetchers have ended here, and
    /// the hour is made to have passed.
    /// </summary>
    private static void AgeTemporaryFiles(string cache)
    {
        foreach (var path in Directory.EnumerateFiles(cache, "*", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(path) is var name && (name.StartsWith("probe-", StringComparison.Ordinal) || name.EndsWith(".tmp", StringComparison.Ordinal) || name.EndsWith(".look", StringComparison.Ordinal)))
                File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(-2));
        }
    }

    private static IReadOnlyList<string> LeftIn(string cache) =>
        [.. Directory.EnumerateFiles(cache, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(cache, path)).Order(StringComparer.Ordinal)];

    private static byte[] Noise(int size, int seed)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private sealed record World(string Cache, IReadOnlyDictionary<string, string> Environment);

    private sealed record PublishedVersion(string Reference, IReadOnlyDictionary<string, string> Digests);
}

/// <summary>What a race came to.</summary>
/// <param name="Fetches">Fetches without a mark.</param>
/// <param name="Kills">How many of them were killed.</param>
/// <param name="Reads">Files that readers hashed.</param>
/// <param name="Prunes">Prunes.</param>
/// <param name="Removed">Versions that they removed.</param>
/// <param name="Wrong">Everything that should not have been seen.</param>
/// <param name="Left">Files that were left in the cache after a last prune of everything.</param>
internal sealed record PruneRaceOutcome(int Fetches, int Kills, long Reads, int Prunes, int Removed, IReadOnlyCollection<string> Wrong, IReadOnlyList<string> Left);
