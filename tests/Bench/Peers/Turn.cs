using Stevedore.Bench.Measure;
using Stevedore.Programs;

namespace Stevedore.Bench.Peers;

/// <summary>What one fetch of one program took.</summary>
/// <param name="Wall">Seconds until everything was there and on the disk, whether verified or not.</param>
/// <param name="Processor">Seconds of processor time for that.</param>
/// <param name="PeakBytes">Resident memory at its highest.</param>
/// <param name="DigestWall">Seconds that OpenSSL took for the digests; 0 where the program verifies by itself.</param>
/// <param name="DigestProcessor">Seconds of processor time for that.</param>
internal sealed record TurnTook(double Wall, double Processor, long PeakBytes, double DigestWall, double DigestProcessor);

/// <summary>One program, once: from an empty folder to a checked set.</summary>
internal static class Turn
{
    // OpenSSL starts anew for each batch, which small files would notice and a last large one must not wait for.
    private const int BatchesOfCore = 4;

    /// <summary>Runs it.</summary>
    /// <param name="contestant">The program.</param>
    /// <param name="errand">What it is to fetch; the target goes away afterwards.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="TurnFailedException">It failed, or what it fetched is not what was served.</exception>
    public static async Task<TurnTook> RunAsync(IContestant contestant, Errand errand, CancellationToken cancellationToken)
    {
        if (contestant.For(errand) is not { } call)
            throw new InvalidOperationException($"{contestant.Name} does not speak {errand.Source}.");
        // What an earlier program left to be written is not this one's.
        _ = await SyncAsync(errand.Target, cancellationToken);

        var before = ChildrenTime.Spent();
        await using var program = ChildProgram.Start(contestant.Path!, call.Arguments, call.Environment);
        var (end, use) = await ProcessWatch.RunAsync(program, cancellationToken);
        if (end.Code != 0)
            throw new TurnFailedException($"exit code {end.Code}: {end.Errors.Concat(end.Output).LastOrDefault(line => line.Length > 0) ?? "it said nothing"}");
        var synced = await SyncAsync(errand.Target, cancellationToken);
        var processor = ChildrenTime.Spent() - before;
        var files = Found(contestant, errand);

        var (digestWall, digestProcessor) = contestant.Verifies ? default : await DigestAsync(files, errand, cancellationToken);
        return new TurnTook((end.Took + synced).TotalSeconds, processor.TotalSeconds, use.PeakBytes, digestWall, digestProcessor);
    }

    private static async Task<TimeSpan> SyncAsync(string folder, CancellationToken cancellationToken)
    {
        await using var sync = ChildProgram.Start("sync", ["-f", folder]);
        return (await sync.EndAsync(cancellationToken)).OrThrow($"sync -f {folder}").Took;
    }

    /// <summary>Each file of the set where the program put it.</summary>
    private static IReadOnlyList<string> Found(IContestant contestant, Errand errand)
    {
        var found = Directory.EnumerateFiles(errand.Target, "*", SearchOption.AllDirectories).ToLookup(Path.GetFileName);
        return [.. errand.Set.Files.Select(file => found[file.Name].FirstOrDefault(path => new FileInfo(path).Length == file.Size)
            ?? throw new TurnFailedException($"{contestant.Name} ended well but did not bring {file.Name} with {file.Size} bytes"))];
    }

    private static async Task<(double Wall, double Processor)> DigestAsync(IReadOnlyList<string> files, Errand errand, CancellationToken cancellationToken)
    {
        var list = Path.Combine(errand.Desk, "digest");
        await File.WriteAllTextAsync(list, string.Join('\0', files), cancellationToken);
        var cores = Environment.ProcessorCount;
        var batch = Math.Max(1, files.Count / (cores * BatchesOfCore));
        var before = ChildrenTime.Spent();
        // Each batch prints into a file of its own: several at once would tear each other's lines.
        await using var openssl = ChildProgram.Start("xargs", ["-0", "-a", list, "-P", $"{cores}", "-n", $"{batch}", "sh", "-c", "exec openssl dgst -sha256 -r \"$@\" > \"$0.$$\"", list]);
        var end = (await openssl.EndAsync(cancellationToken)).OrThrow("openssl dgst -sha256 of what was fetched");
        var processor = ChildrenTime.Spent() - before;

        var digests = new HashSet<string>(StringComparer.Ordinal);
        foreach (var printed in Directory.EnumerateFiles(errand.Desk, "digest.*"))
        {
            digests.UnionWith(File.ReadLines(printed).Select(line => line.Split(" *")[0]));
            File.Delete(printed);
        }

        if (errand.Set.Files.FirstOrDefault(file => !digests.Contains(file.Digest)) is { } wrong)
            throw new TurnFailedException($"{wrong.Name} is not what was served");
        return (end.Took.TotalSeconds, processor.TotalSeconds);
    }
}

/// <summary>A program did not do what was asked; its row says so, and the others go on.</summary>
/// <param name="message">What happened.</param>
internal sealed class TurnFailedException(string message) : Exception(message);
