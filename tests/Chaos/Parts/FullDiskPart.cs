namespace Stevedore.Chaos.Parts;

/// <summary>The disk fills up under two fetchers; once there is room again, the next one goes on from what had arrived.</summary>
internal sealed class FullDiskPart(ChaosRun run) : IPart
{
    private const string Name = "full";
    private const int CannotWrite = 73;
    private const long BytesPerSecond = 6 << 20;
    private const double Mebi = 1 << 20;
    private static readonly long Room = ChaosModel.Bytes + (6 << 20);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var times = Math.Max(1, run.Settings.Rounds / 20);
        var random = new Random(run.Settings.Seed);
        var (said, complete, wrong, beyond) = (0, 0, new List<string>(), 0.0);
        for (var time = 0; time < times; time++)
        {
            using var folder = run.Scratch.Inner($"full-{time}");
            await using var volume = await MountedVolume.InMemoryAsync(folder.Sub("disk"), Room, cancellationToken);
            if (volume is null)
            {
                run.LeaveOut("a disk that fills up needs a root that may mount");
                return;
            }

            var cache = Path.Combine(volume.Path, "cache");
            var filler = Path.Combine(volume.Path, "filler");
            await using var hub = await ChaosModel.ServeAsync(lies: false, BytesPerSecond, cancellationToken);
            var reader = new Reader(ChaosModel.FolderIn(cache), ChaosModel.Files);
            using var ended = new CancellationTokenSource();
            var reading = reader.RunAsync(ended.Token);
            await using (var one = await ChaosModel.FetchAsync(run, hub, cache))
            await using (var other = await ChaosModel.FetchAsync(run, hub, cache))
            {
                while (hub.BytesServed < ChaosModel.Bytes * 0.6 * random.NextDouble() && !one.HasEnded)
                    await Task.Delay(5, cancellationToken);
                Fill(filler);
                foreach (var end in new[] { await one.EndAsync(cancellationToken), await other.EndAsync(cancellationToken) })
                {
                    if (end.Code == CannotWrite && end.Errors[^1].Contains("full", StringComparison.Ordinal))
                        said++;
                    else
                        ChaosRun.Say($"on a full disk a fetcher ended with {end.Code}: {(end.Errors.Count > 0 ? end.Errors[^1] : "it said nothing")}");
                }
            }

            File.Delete(filler);
            await using var next = await ChaosModel.FetchAsync(run, hub, cache);
            var last = await next.EndAsync(cancellationToken);
            await ended.CancelAsync();
            await reading;
            wrong.AddRange(reader.Found);
            complete += last.Code == 0 ? 1 : 0;
            if (last.Code != 0)
                ChaosRun.Say($"with room again a fetcher ended with {last.Code}: {(last.Errors.Count > 0 ? last.Errors[^1] : "it said nothing")}");
            beyond = Math.Max(beyond, (hub.BytesServed - ChaosModel.Bytes) / Mebi);
        }

        foreach (var thing in wrong)
            ChaosRun.Say(thing);
        run.Add(
            new Figure(Name, "fetchers that ended with 73 and said that it is full", said, "", 2 * times, 2 * times),
            new Figure(Name, "completed once there was room again", complete, "", times, times),
            new Figure(Name, "bad bytes, dangling names, broken promises seen", wrong.Count, "", 0),
            new Figure(Name, "served beyond the model, at worst", beyond, "MiB", 8 * ChaosModel.Connections * 2, Note: "what had arrived was kept"));
    }

    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        var bytes = new byte[4096];
        try
        {
            while (true)
                file.Write(bytes);
        }
        catch (IOException)
        {
            // Full.
        }
    }
}
