using Stevedore.HubFixture;
using Stevedore.Programs;

namespace Stevedore.Chaos.Parts;

/// <summary>Eight fetchers that start together on one empty volume: each byte comes once, and the last is hardly later than a single one would be.</summary>
internal sealed class TogetherPart(ChaosRun run) : IPart
{
    private const string Name = "together";
    private const string Id = "chaos/large";
    private const int Fetchers = 8;
    private const double MostSlower = 1.15;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var bytes = run.Settings.IsShort ? 96L << 20 : 2L << 30;
        var rounds = run.Settings.IsShort ? 1 : 3;
        var free = new DriveInfo(run.Scratch.Path).AvailableFreeSpace;
        if (free < 3 * bytes)
            throw new ProgramException($"{run.Scratch.Path} has {free >> 20} MiB free, and {3 * bytes >> 20} MiB are needed; set TMPDIR to a folder on a larger disk.");
        using var model = run.Scratch.Inner("model");
        var size = SampleModel.Write(model.Path, bytes, shards: 8);
        await using var hub = await HubServer.StartAsync(ct: cancellationToken);
        hub.AddRepositoryFrom(Id, model.Path);
        ChaosRun.Say($"{Fetchers} fetchers on {bytes >> 20} MiB, {rounds} times");
        var (single, last, served) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            single.Add((await FetchAsync(hub, 1, cancellationToken)).TotalSeconds);
            hub.ResetLog();
            last.Add((await FetchAsync(hub, Fetchers, cancellationToken)).TotalSeconds);
            served.Add((double)hub.BytesServed / size);
        }

        run.Add(
            new Figure(Name, "served, in models, at most", served.Max(), "x", 1.01, Note: $"by the server's log, {size >> 20} MiB"),
            new Figure(Name, "a single fetcher, median", Median(single), "s"),
            new Figure(Name, $"the last of {Fetchers}, median", Median(last), "s"),
            new Figure(Name, "the last as against a single one", Median(last) / Median(single), "x", run.Settings.IsShort ? null : MostSlower));
    }

    private async Task<TimeSpan> FetchAsync(HubServer hub, int fetchers, CancellationToken cancellationToken)
    {
        using var folder = run.Scratch.Inner(Name);
        var pods = new List<Pod>();
        try
        {
            for (var i = 0; i < fetchers; i++)
                pods.Add(await ChaosModel.FetchAsync(run, hub, folder.Sub("cache"), id: Id, connections: 8));
            var ends = await Task.WhenAll(pods.Select(pod => pod.EndAsync(cancellationToken)));
            return ends.Max(end => end.OrThrow("One of the fetchers").Took);
        }
        finally
        {
            foreach (var pod in pods)
                await pod.DisposeAsync();
        }
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
