using Stevedore.Bench.Measure;
using Stevedore.Bench.Report;
using Stevedore.Programs;

namespace Stevedore.Bench.Parts;

/// <summary>The same fetch again, when everything is there: what a pod's restart waits.</summary>
internal sealed class WarmPart(BenchRun run) : IPart
{
    private const string Name = "warm";
    private const int Starts = 20;
    private const double MostMilliseconds = 100;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var hub = await run.HubAsync(cancellationToken);
        using var pod = run.Scratch.Inner("warm");
        var fetcher = new FetchCommandLine(run.Checkout, hub, pod.Path);
        await using (var cold = fetcher.Fetch())
            _ = (await cold.EndAsync(cancellationToken)).OrThrow("The fetch before the warm starts");

        BenchRun.Say($"{Starts} warm starts");
        await hub.ForgetAsync(cancellationToken);
        var warm = new Spread(await MillisecondsAsync(() => fetcher.Fetch(), cancellationToken));
        var bundle = ServingCertificate.Issue(pod.Sub("certs")).AuthorityFile;
        var trusting = new Spread(await MillisecondsAsync(() => fetcher.Fetch(KeyValuePair.Create("SSL_CERT_FILE", bundle)), cancellationToken));
        var nothing = new Spread(await MillisecondsAsync(fetcher.Nothing, cancellationToken));
        run.Add(
            new Figure(Name, "start, median", warm.Median, "ms", AtMost: MostMilliseconds, Note: $"{Starts} starts, from before the fork until the process was gone"),
            new Figure(Name, "start, slowest", warm.Most, "ms", AtMost: MostMilliseconds),
            new Figure(Name, "start with SSL_CERT_FILE, median", trusting.Median, "ms", AtMost: MostMilliseconds, Note: "as in pods behind a company's proxy"),
            new Figure(Name, "of it any start", nothing.Median, "ms", Note: "stevedore-fetcher --version, median"),
            new Figure(Name, "bytes served", await hub.BytesServedAsync(cancellationToken), "", AtMost: 0));
    }

    private static async Task<IReadOnlyList<double>> MillisecondsAsync(Func<ChildProgram> start, CancellationToken cancellationToken)
    {
        var took = new List<double>();
        for (var i = 0; i < Starts; i++)
        {
            await using var program = start();
            took.Add((await program.EndAsync(cancellationToken)).OrThrow("A warm start").Took.TotalMilliseconds);
        }

        return took;
    }
}
