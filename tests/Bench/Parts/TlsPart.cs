using System.Net.Sockets;
using Stevedore.Bench.Measure.Tls;
using Stevedore.Bench.Peers;
using Stevedore.Bench.Report;
using Stevedore.Programs;

namespace Stevedore.Bench.Parts;

/// <summary>
/// What SslStream costs: the same bytes of the same server, decrypted by .NET's stream as it comes, by it as the fetcher uses it, and by OpenSSL straight on the
/// socket, in turns. Nothing is written to disk, so that TLS (and the digest, where it is taken) is all there is.
/// </summary>
internal sealed class TlsPart(BenchRun run) : IPart
{
    private const string Name = "tls";
    private const double Giga = 1e9;

    // As WireDial has it.
    private const int ReadAhead = 128 << 10;

    // Two, so that two threads have one each; a single thread reads them one after the other on one connection.
    private static readonly FileSet Files = new(Name, "2 × 1 GiB", [1L << 30, 1L << 30]);

    private static readonly IReadOnlyList<Setting> Settings = [new(1, false), new(1, true), new(2, false), new(2, true)];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var sets = TemporaryFolder.In(Directory.Exists(PeerSettings.Memory) ? PeerSettings.Memory : Path.GetTempPath(), "stevedore-bench-tls");
        await using var server = await NginxProgram.StartAsync(run.Scratch.Sub("nginx-tls"), sets.Path, cancellationToken);
        BenchRun.Say($"writing {Files.Title} to {sets.Path}");
        var written = await Files.WriteAsync(sets.Sub(Files.Name), run.Settings.Seed, cancellationToken);
        var site = new Uri($"{server.Site(Source.Https)}/{NginxConfiguration.AsJson}/{Files.Name}");
        RefuseStrangers(site);

        using var plain = new SslStreamWay(server.Authority, readAhead: null);
        using var shipped = new SslStreamWay(server.Authority, ReadAhead);
        using var openSsl = new OpenSslWay(server.Authority, throughKernel: false);
        using var kernel = new OpenSslWay(server.Authority, throughKernel: true);
        var kernelHelps = IsDecryptedByKernel(server.Authority, site);
        ITlsWay[] ways = kernelHelps ? [plain, shipped, openSsl, kernel] : [plain, shipped, openSsl];
        run.Add(new Figure(Name, "kernel TLS", kernelHelps ? 1 : 0, "", Note: kernelHelps ? "the kernel decrypts where OpenSSL asks it to" : "asked for; this OpenSSL or this kernel has none"));
        var took = Measure(ways, written, site, cancellationToken);
        foreach (var setting in Settings)
            Enter(setting, ways, took, shipped);
    }

    private Dictionary<(ITlsWay Way, Setting Setting), List<TlsTook>> Measure(ITlsWay[] ways, WrittenSet written, Uri site, CancellationToken cancellationToken)
    {
        var took = ways.SelectMany(_ => Settings, (way, setting) => (way, setting)).ToDictionary(pair => pair, _ => new List<TlsTook>());
        // A first round that is not counted: the runtime compiles its loops meanwhile.
        for (var round = -1; round < run.Settings.Rounds; round++)
        {
            foreach (var setting in Settings)
            {
                // Whoever comes first in one round comes last in the next.
                for (var i = 0; i < ways.Length; i++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var way = ways[(i + round + ways.Length) % ways.Length];
                    var turn = new TlsReading(way, site).Read(written.Files, setting.Threads, setting.Hashed);
                    if (round < 0)
                        continue;
                    took[(way, setting)].Add(turn);
                    BenchRun.Say($"round {round + 1}, {setting}: {way.Name} {turn.Wall:0.00} s, {turn.Processor:0.00} s of processor time");
                }
            }
        }

        if (took.Values.SelectMany(turns => turns).Select(turn => turn.Suite).Distinct().ToList() is { Count: > 1 } suites)
            throw new ProgramException($"Different ciphers were spoken, which can't be compared: {string.Join(", ", suites)}.");
        BenchRun.Say($"everybody spoke {took.Values.First()[0].Suite}");
        return took;
    }

    private void Enter(Setting setting, ITlsWay[] ways, Dictionary<(ITlsWay Way, Setting Setting), List<TlsTook>> took, ITlsWay shipped)
    {
        foreach (var way in ways)
        {
            var (wall, processor) = Spreads(took[(way, setting)].Select(turn => (turn.Wall / (Files.Bytes / Giga), turn.Processor / (Files.Bytes / Giga))));
            run.Add(
                new Figure(Name, $"{setting}: {way.Name}: wall", wall.Median, "s/GB", Note: wall.Range("0.000")),
                new Figure(Name, $"{setting}: {way.Name}: processor", processor.Median, "s/GB", Note: processor.Range("0.000")));
        }

        foreach (var way in ways.OfType<OpenSslWay>())
        {
            // Round by round: what else the machine did then, it did to both.
            var (wall, processor) = Spreads(took[(way, setting)].Zip(took[(shipped, setting)], (one, other) => (one.Wall / other.Wall, one.Processor / other.Processor)));
            run.Add(
                new Figure(Name, $"{setting}: {way.Name} to {shipped.Name}: wall", wall.Median, "×", Note: wall.Range("0.00")),
                new Figure(Name, $"{setting}: {way.Name} to {shipped.Name}: processor", processor.Median, "×", Note: processor.Range("0.00")));
        }

        static (Spread Wall, Spread Processor) Spreads(IEnumerable<(double Wall, double Processor)> turns) =>
            (new(turns.Select(turn => turn.Wall)), new(turns.Select(turn => turn.Processor)));
    }

    /// <summary>A client that trusts anybody would win an unfair race.</summary>
    private void RefuseStrangers(Uri site)
    {
        var stranger = ServingCertificate.Issue(run.Scratch.Sub("stranger"));
        using var client = new OpenSslClient(stranger.AuthorityFile, throughKernel: false);
        using var socket = Connect(site);
        try
        {
            using var stream = client.Shake(socket.SafeHandle, site.Host);
        }
        catch (ProgramException)
        {
            return;
        }

        throw new ProgramException("OpenSSL took the certificate of an authority that it was not told to trust; nothing was measured.");
    }

    private static bool IsDecryptedByKernel(string authority, Uri site)
    {
        using var client = new OpenSslClient(authority, throughKernel: true);
        using var socket = Connect(site);
        using var stream = client.Shake(socket.SafeHandle, site.Host);
        return stream.IsDecryptedByKernel;
    }

    private static Socket Connect(Uri site)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(site.Host, site.Port);
        return socket;
    }

    /// <summary>How much is done at once, and whether with a digest.</summary>
    private readonly record struct Setting(int Threads, bool Hashed)
    {
        public override string ToString() => $"{Threads} thread{(Threads > 1 ? "s" : "")}{(Hashed ? ", SHA-256" : "")}";
    }
}
