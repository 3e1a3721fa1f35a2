using System.Diagnostics;
using Stevedore.HubFixture;
using Stevedore.Programs;

namespace Stevedore.Chaos;

/// <summary>What a round came to.</summary>
/// <param name="Kills">Fetchers that were killed.</param>
/// <param name="Stops">Fetchers that were paused for longer than the time-to-live, and woken again.</param>
/// <param name="Served">Bytes of content that the honest source served.</param>
/// <param name="HadLiar">Whether one of the fetchers was fed lies at first; its successors inherit them and start those files over.</param>
/// <param name="IsComplete">Whether all fetchers ended well.</param>
/// <param name="Wrong">Everything that should not have been seen.</param>
/// <param name="Looks">Blobs that the reader hashed.</param>
/// <param name="Took">How long it took.</param>
internal sealed record RoundOutcome(int Kills, int Stops, long Served, bool HadLiar, bool IsComplete, IReadOnlyCollection<string> Wrong, long Looks, TimeSpan Took)
{
    private const long AllowedAConnection = 8 << 20;

    /// <summary>What may be served beyond the model, in bytes.</summary>
    public long Allowance => (AllowedAConnection * ChaosModel.Connections * (Kills + Stops)) + (ChaosModel.Bytes / 100);

    /// <summary>What was.</summary>
    public long Beyond => Served - ChaosModel.Bytes;
}

/// <summary>
/// Four fetchers on one empty cache, each of which may be killed or paused, and is started again until it has ended well, while a reader looks at all that is
/// published.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="number">Counts from 0.</param>
/// <param name="preload">A library for <c>LD_PRELOAD</c>; null for none.</param>
internal sealed class Round(ChaosRun run, int number, string? preload)
{
    private const int Fetchers = 4;
    private const int MostLives = 12;
    private const long BytesPerSecond = 5 << 20;
    private const int LiarEvery = 4;
    private const int WrongContent = 65;
    private const int LostLeases = 75;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    private readonly Dictionary<string, string> _environment = preload is null ? [] : new() { ["LD_PRELOAD"] = preload };
    private int _kills;
    private int _stops;

    private bool HasLiar => number % LiarEvery == LiarEvery - 1;

    /// <summary>Plays it.</summary>
    public async Task<RoundOutcome> RunAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Longest);
        using var folder = run.Scratch.Inner($"round-{Guid.NewGuid():N}");
        await using var honest = await ChaosModel.ServeAsync(lies: false, BytesPerSecond, cancellationToken);
        await using var lying = HasLiar ? await ChaosModel.ServeAsync(lies: true, BytesPerSecond, cancellationToken) : null;
        var cache = folder.Sub("cache");
        var reader = new Reader(ChaosModel.FolderIn(cache), ChaosModel.Files);
        using var allEnded = new CancellationTokenSource();
        var reading = reader.RunAsync(allEnded.Token);
        var complaints = new List<string>();
        try
        {
            var lives = Enumerable.Range(0, Fetchers).Select(slot => LiveAsync(slot, cache, honest, slot == 0 ? lying : null, limit.Token)).ToList();
            foreach (var life in lives)
            {
                if (await life is { } complaint)
                    complaints.Add(complaint);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            complaints.Add($"it did not end within {Longest.TotalSeconds:0} s");
        }

        await allEnded.CancelAsync();
        await reading;
        return new RoundOutcome(
            _kills, _stops, honest.BytesServed, HasLiar, complaints.Count == 0, [.. reader.Found.Concat(complaints).Select(wrong => $"round {number}: {wrong}")], reader.Looks,
            clock.Elapsed);
    }

    /// <summary>One pod that its kubelet starts again and again.</summary>
    /// <returns>What was wrong with it; null where it ended well.</returns>
    private async Task<string?> LiveAsync(int slot, string cache, HubServer honest, HubServer? lying, CancellationToken cancellationToken)
    {
        var random = new Random((run.Settings.Seed * 31) + (number * Fetchers) + slot);
        var troubles = lying is null ? random.Next(3) : 1;
        for (var life = 0; life < MostLives; life++)
        {
            var source = life == 0 && lying is not null ? lying : honest;
            await using var pod = await ChaosModel.FetchAsync(run, source, cache, environment: _environment);
            if (troubles-- > 0)
                await MakeTroubleAsync(pod, random, lying is not null ? source : null, cancellationToken);
            var end = await pod.EndAsync(cancellationToken);
            if (end.Code == 0)
                return null;
            if (end.Code is not (EndedProgram.KilledCode or LostLeases) && !(end.Code == WrongContent && source == lying))
                return $"a fetcher ended with exit code {end.Code}: {(end.Errors.Count > 0 ? end.Errors[^1] : "it said nothing")}";
        }

        return $"a fetcher was not done after {MostLives} starts";
    }

    private async Task MakeTroubleAsync(Pod pod, Random random, HubServer? lying, CancellationToken cancellationToken)
    {
        var when = TimeSpan.FromMilliseconds(random.Next(50, 1500));
        var isKill = random.Next(2) == 0;
        var pause = ChaosModel.Ttl * (1.1 + (0.6 * random.NextDouble()));
        await Task.WhenAny(pod.EndAsync(cancellationToken), Task.Delay(when, cancellationToken));
        if (lying is not null)
        {
            // A liar's fetcher is paused in the middle, so that somebody inherits from it.
            while (!pod.HasEnded && lying.BytesServed < BytesPerSecond / 2)
                await Task.Delay(5, cancellationToken);

            // Long enough for them to publish, so that what it still writes would be seen.
            pause *= 2;
        }
        else if (isKill)
        {
            if (await pod.KillAsync())
                Interlocked.Increment(ref _kills);
            return;
        }

        if (!await pod.StopAsync())
            return;
        Interlocked.Increment(ref _stops);
        await Task.Delay(pause, cancellationToken);
        await pod.ContinueAsync();
    }
}
