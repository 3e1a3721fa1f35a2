using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Stevedore.Chaos.Parts;

/// <summary>
/// One file of 4.3 GB, fetched and verified under a limit of 256 MiB that the page cache counts towards, as in a container: nothing is killed, and nothing waits for ever.
/// </summary>
internal sealed class MemoryPart(ChaosRun run) : IPart
{
    private const string Name = "memory";
    private const string File = "model.safetensors";
    private const long Limit = 256L << 20;
    private const long Large = 4_300_000_000;
    private const long LargeInShort = 700_000_000;
    private const int Mark = 1 << 20;
    private const double Mebi = 1 << 20;

    // What the issue promises of every set; a JIT takes more.
    private const double MostResident = 128;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var size = run.Settings.IsShort ? LargeInShort : Large;
        using var folder = run.Scratch.Inner(Name);
        if (WhyNot(folder.Path, size) is { } reason)
        {
            run.LeaveOut(reason);
            return;
        }

        if (MemoryCage.TryMake(Limit) is not { } cage)
        {
            run.LeaveOut("skipped: cgroups can't be set here");
            return;
        }

        await using var _ = cage;
        Write(folder.Sub("served"), size);
        await using var server = await LimitedServer.StartAsync(folder.Sub("nginx"), folder.Sub("served"), bytesPerSecond: 0, cancellationToken);
        if (server is null)
        {
            run.LeaveOut("serving a file without holding it in memory takes nginx, and none is here");
            return;
        }

        ChaosRun.Say($"{size / Mebi:0} MiB under {Limit >> 20} MiB ({cage.Kind})");
        await using var fetch = cage.Start(run.Checkout.Fetcher, ["fetch", server.Endpoint, "--cache", folder.Sub("cache"), "--progress", "none"]);
        var resident = 0.0;
        var ending = fetch.EndAsync(cancellationToken);
        while (!ending.IsCompleted)
        {
            resident = Math.Max(resident, ResidentOf(fetch.Id) / Mebi);
            await Task.WhenAny(ending, Task.Delay(5, cancellationToken));
        }

        var end = await ending;
        if (end.Code != 0)
            ChaosRun.Say($"under the limit a fetcher ended with {end.Code}: {(end.Errors.Count > 0 ? end.Errors[^1] : "it said nothing")}");
        run.Add(
            new Figure(Name, "exit code, verified", end.Code, "", 0, 0, Note: $"{size / 1e9:0.0} GB under {Limit >> 20} MiB, {cage.Kind}"),
            new Figure(Name, "processes that the kernel killed for their memory", cage.Kills, "", 0),
            new Figure(Name, "peak resident memory", resident, "MiB", run.Checkout.FetcherIsNative ? MostResident : null, Note: "VmHWM, every 5 ms"),
            new Figure(Name, "peak charged, page cache included", cage.Peak / Mebi, "MiB", Limit / Mebi),
            new Figure(Name, "took", end.Took.TotalSeconds, "s", Note: $"{size / Mebi / end.Took.TotalSeconds:0} MiB/s"));
    }

    /// <summary>Why it can't be done here; null where it can.</summary>
    private static string? WhyNot(string folder, long size)
    {
        var drive = new DriveInfo(folder);
        return drive.DriveFormat is "tmpfs" or "ramfs" ? $"{folder} lies in memory, where a cache is charged whole: set TMPDIR to a folder on a disk"
            : drive.AvailableFreeSpace < size + (1L << 30) ? $"{folder} has {drive.AvailableFreeSpace >> 20} MiB free, too few for a file of {size >> 20} MiB: set TMPDIR to a folder on a larger disk"
            : null;
    }

    /// <summary>A file that takes next to no room: nothing but the number of each stretch at its beginning, so that none can stand in another's place.</summary>
    private static void Write(string folder, long size)
    {
        Directory.CreateDirectory(folder);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = System.IO.File.OpenHandle(Path.Combine(folder, File), FileMode.CreateNew, FileAccess.Write);
        RandomAccess.SetLength(file, size);
        var stretch = new byte[Mark];
        for (var at = 0L; at < size; at += Mark)
        {
            BinaryPrimitives.WriteInt64LittleEndian(stretch, at + 1);
            var length = (int)Math.Min(Mark, size - at);
            RandomAccess.Write(file, stretch.AsSpan(0, Math.Min(sizeof(long), length)), at);
            hash.AppendData(stretch, 0, length);
        }

        System.IO.File.WriteAllText(Path.Combine(folder, "SHA256SUMS"), $"{Convert.ToHexStringLower(hash.GetHashAndReset())}  {File}\n");
    }

    private static long ResidentOf(int id)
    {
        try
        {
            return System.IO.File.ReadLines($"/proc/{id}/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)) is { } line
                ? long.Parse(line.AsSpan("VmHWM:".Length).Trim().TrimEnd(" kB"), CultureInfo.InvariantCulture) << 10
                : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
