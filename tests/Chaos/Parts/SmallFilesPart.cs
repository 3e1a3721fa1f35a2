using Stevedore.HubFixture;

namespace Stevedore.Chaos.Parts;

/// <summary>Five thousand small files, on a plain volume and on one whose every fsync and creation takes five milliseconds.</summary>
internal sealed class SmallFilesPart(ChaosRun run) : IPart
{
    private const string Name = "small";
    private const string Id = "chaos/small";
    private const int Delay = 5000;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!Shims.ArePossible)
        {
            run.LeaveOut("slow creation and syncing need a C compiler, and none is here");
            return;
        }

        var files = run.Settings.IsShort ? 500 : 5000;
        await using var hub = await HubServer.StartAsync(ct: cancellationToken);
        var repository = hub.AddRepository(Id);
        var random = new Random(run.Settings.Seed);
        for (var file = 0; file < files; file++)
        {
            var content = new byte[random.Next(4 << 10, 64 << 10)];
            random.NextBytes(content);
            repository.AddFile($"part-{file / 100}/file-{file}.txt", content);
        }

        repository.Publish();
        ChaosRun.Say($"{files} files of 4 to 64 KiB");
        var plain = await FetchAsync(hub, preload: null, cancellationToken);
        var slow = await FetchAsync(hub, await run.Shims.BuildAsync("slow", cancellationToken), cancellationToken);
        run.Add(
            new Figure(Name, $"{files} files on a plain volume", plain.TotalSeconds, "s"),
            new Figure(Name, "the same with 5 ms more a creation and fsync", slow.TotalSeconds, "s", (2 * plain.TotalSeconds) + 10, Note: "limit: 2 x plain + 10 s"));
    }

    private async Task<TimeSpan> FetchAsync(HubServer hub, string? preload, CancellationToken cancellationToken)
    {
        using var folder = run.Scratch.Inner(Name);
        var environment = new Dictionary<string, string>();
        if (preload is not null)
            (environment["LD_PRELOAD"], environment["SLOW_MICROSECONDS"]) = (preload, $"{Delay}");
        await using var pod = await ChaosModel.FetchAsync(run, hub, folder.Sub("cache"), id: Id, environment: environment, connections: 8);
        return (await pod.EndAsync(cancellationToken)).OrThrow("Fetching small files").Took;
    }
}
