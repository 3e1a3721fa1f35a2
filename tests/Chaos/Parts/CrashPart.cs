using Stevedore.Programs;

namespace Stevedore.Chaos.Parts;

/// <summary>
/// The machine crashes under two fetchers: of an ext4 only that survives which is on the disk. What is published then must be whole, and a fetcher of the next
/// boot must complete it.
/// </summary>
internal sealed class CrashPart(ChaosRun run) : IPart
{
    private const string Name = "crash";
    private const long VolumeBytes = 192 << 20;
    private const long BytesPerSecond = 12 << 20;

    // From before the first byte to after the last one.
    private static readonly TimeSpan Latest = TimeSpan.FromSeconds(2);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var crashes = Math.Max(2, run.Settings.Rounds / 10);
        var random = new Random(run.Settings.Seed);
        var wrong = new List<string>();
        var (complete, published) = (0, 0L);
        if (!await Pod.HasNamespacesAsync())
        {
            run.LeaveOut("a crash needs namespaces, so that the next boot has another boot id");
            return;
        }

        for (var crash = 0; crash < crashes; crash++)
        {
            using var folder = run.Scratch.Inner($"crash-{crash}");
            await using var volume = await MountedVolume.OnDiskAsync(folder.Sub("disk"), VolumeBytes, cancellationToken);
            if (volume is null)
            {
                run.LeaveOut("a crash needs a root that may mount a loop device, and mkfs.ext4");
                return;
            }

            var cache = Path.Combine(volume.Path, "cache");
            await using (var hub = await ChaosModel.ServeAsync(lies: false, BytesPerSecond, cancellationToken))
            {
                var boot = Boot(folder, 1);
                await using var one = await ChaosModel.FetchAsync(run, hub, cache, bootId: boot);
                await using var other = await ChaosModel.FetchAsync(run, hub, cache, bootId: boot);
                await Task.Delay(Latest * random.NextDouble(), cancellationToken);
                volume.Crash();
                await one.KillAsync();
                await other.KillAsync();
                await one.EndAsync(cancellationToken);
                await other.EndAsync(cancellationToken);
            }

            await using var disk = await volume.NextBootAsync(cancellationToken);
            cache = Path.Combine(disk.Path, "cache");
            var survivors = Look(cache);
            published += survivors.Looks;
            wrong.AddRange(survivors.Found);

            await using var source = await ChaosModel.ServeAsync(lies: false, BytesPerSecond * 4, cancellationToken);
            await using var next = await ChaosModel.FetchAsync(run, source, cache, bootId: Boot(folder, 2));
            var end = await next.EndAsync(cancellationToken);
            var after = Look(cache);
            wrong.AddRange(after.Found);
            if (end.Code == 0 && after.Looks == ChaosModel.Files)
                complete++;
            else
                ChaosRun.Say($"after crash {crash} the fetcher ended with {end.Code}: {(end.Errors.Count > 0 ? end.Errors[^1] : "it said nothing")}");
        }

        foreach (var thing in wrong)
            ChaosRun.Say(thing);
        run.Add(
            new Figure(Name, "crashes after which the next fetcher completed", complete, "", crashes, crashes, "ext4 shut down without a flush"),
            new Figure(Name, "bad bytes, dangling names, broken promises seen", wrong.Count, "", 0, Note: $"{published} blobs were published before a crash"));
    }

    private static Reader Look(string cache)
    {
        var reader = new Reader(ChaosModel.FolderIn(cache), ChaosModel.Files);
        reader.LookOnce();
        return reader;
    }

    private static string Boot(TemporaryFolder folder, int number)
    {
        var path = folder.Sub($"boot-{number}");
        File.WriteAllText(path, $"00000000-0000-4000-8000-{number:x12}\n");
        return path;
    }
}
