using System.Security.Cryptography;
using Stevedore.Programs;

namespace Stevedore.Chaos.Parts;

/// <summary>A server that limits each connection, and fetchers with one connection each: eight of them share the work of one.</summary>
internal sealed class RatePart(ChaosRun run) : IPart
{
    private const string Name = "rate";
    private const int Files = 8;
    private const double Most = 0.2;
    private const double MostInShort = 0.5;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var (bytes, rate) = run.Settings.IsShort ? (2 << 20, 1L << 20) : (256 << 20, 32L << 20);
        using var folder = run.Scratch.Inner(Name);
        Write(folder.Sub("served"), bytes);
        await using var server = await LimitedServer.StartAsync(folder.Sub("nginx"), folder.Sub("served"), rate, cancellationToken);
        if (server is null)
        {
            run.LeaveOut("limiting connections takes nginx, and none is here");
            return;
        }

        ChaosRun.Say($"{Files} files of {bytes >> 20} MiB at {rate >> 20} MiB/s a connection");
        var one = await FetchAsync(server, 1, folder, cancellationToken);
        var before = server.BytesServed();
        var all = await FetchAsync(server, Files, folder, cancellationToken);
        run.Add(
            new Figure(Name, "one fetcher with one connection", one.TotalSeconds, "s"),
            new Figure(Name, $"the last of {Files} with one connection each", all.TotalSeconds, "s"),
            new Figure(Name, "the last as against one", all / one, "x", run.Settings.IsShort ? MostInShort : Most),
            new Figure(Name, "served to the eight, in models", (server.BytesServed() - before) / ((double)Files * bytes), "x", 1.01, Note: "by nginx's access log"));
    }

    private async Task<TimeSpan> FetchAsync(LimitedServer server, int fetchers, TemporaryFolder folder, CancellationToken cancellationToken)
    {
        using var volume = folder.Inner($"by-{fetchers}");
        var pods = new List<Pod>();
        try
        {
            for (var i = 0; i < fetchers; i++)
            {
                pods.Add(await Pod.StartAsync(
                    run.Checkout, ["fetch", server.Endpoint, "--cache", volume.Sub("cache"), "--connections", "1", "--progress", "none"], new Dictionary<string, string>()));
            }

            var ends = await Task.WhenAll(pods.Select(pod => pod.EndAsync(cancellationToken)));
            return ends.Max(end => end.OrThrow("One of the fetchers").Took);
        }
        finally
        {
            foreach (var pod in pods)
                await pod.DisposeAsync();
        }
    }

    private static void Write(string folder, int bytes)
    {
        Directory.CreateDirectory(folder);
        var sums = new List<string>();
        var content = new byte[bytes];
        for (var file = 0; file < Files; file++)
        {
            new Random(file).NextBytes(content);
            File.WriteAllBytes(Path.Combine(folder, $"part-{file}.bin"), content);
            sums.Add($"{Convert.ToHexStringLower(SHA256.HashData(content))}  part-{file}.bin");
        }

        File.WriteAllLines(Path.Combine(folder, "SHA256SUMS"), sums);
    }
}
