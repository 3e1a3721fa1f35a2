namespace Stevedore.Chaos.Parts;

/// <summary>A volume that can't be written: what is complete is used, and what is not is refused with a sentence.</summary>
internal sealed class ReadOnlyPart(ChaosRun run) : IPart
{
    private const string Name = "readonly";
    private const int CannotWrite = 73;
    private const long Room = 96 << 20;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var folder = run.Scratch.Inner(Name);
        await using var volume = await MountedVolume.InMemoryAsync(folder.Sub("disk"), Room, cancellationToken);
        if (volume is null)
        {
            run.LeaveOut("a read-only volume needs a root that may mount");
            return;
        }

        var cache = Path.Combine(volume.Path, "cache");
        await using var hub = await ChaosModel.ServeAsync(lies: false, 64 << 20, cancellationToken);
        hub.AddRepository("chaos/other").AddFile("config.json", "{}").Publish();
        await using (var first = await ChaosModel.FetchAsync(run, hub, cache))
            _ = (await first.EndAsync(cancellationToken)).OrThrow("The fetch before");
        await volume.ForbidWritingAsync(cancellationToken);

        await using var warm = await ChaosModel.FetchAsync(run, hub, cache, options: ["--refresh", "0s"]);
        var there = await warm.EndAsync(cancellationToken);
        await using var cold = await ChaosModel.FetchAsync(run, hub, cache, id: "chaos/other");
        var missing = await cold.EndAsync(cancellationToken);
        var says = missing.Errors.Count > 0 && missing.Errors[^1].Contains("read-only", StringComparison.OrdinalIgnoreCase);
        if (!says)
            ChaosRun.Say($"on a read-only volume a fetcher said: {string.Join(" / ", missing.Errors)}");
        var reader = new Reader(ChaosModel.FolderIn(cache), ChaosModel.Files);
        reader.LookOnce();
        run.Add(
            new Figure(Name, "exit code for a model that is there", there.Code, "", 0, 0),
            new Figure(Name, "exit code for one that is not", missing.Code, "", CannotWrite, CannotWrite),
            new Figure(Name, "sentences that say that it is read-only", says ? 1 : 0, "", 1, 1),
            new Figure(Name, "bad bytes, dangling names, broken promises seen", reader.Found.Count, "", 0));
    }
}
