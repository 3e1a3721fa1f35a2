using System.Diagnostics;
using Stevedore.Bench.Measure;
using Stevedore.Bench.Report;
using Stevedore.Programs;

namespace Stevedore.Bench.Parts;

/// <summary>Two replicas behind a balancer are restarted in turn under load, as a rolling update does.</summary>
internal sealed class RolloutPart(BenchRun run) : IPart
{
    private const string Name = "rollout";
    private const int Rate = 500;
    private const int Seconds = 60;
    private const double LongestStop = 30;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var certificate = ServingCertificate.Issue(run.Scratch.Sub("rollout"));
        await using var balancer = TcpBalancer.Start(certificate.Authority);
        var replicas = new Queue<WebhookProgram>();
        try
        {
            for (var i = 0; i < 2; i++)
                replicas.Enqueue(await StartAsync(certificate, balancer, cancellationToken));
            BenchRun.Say($"{Rate} reviews/s for {Seconds} s while two replicas are restarted in turn");
            var load = ReviewLoad.RunAsync(
                new Uri(balancer.Address, "/mutate/explicit"), certificate.AuthorityFile, Rate, Seconds, ReviewLoad.InjectedReviews(run.Checkout), cancellationToken);
            var (restarts, slowest) = (0, TimeSpan.Zero);
            while (!load.IsCompleted)
            {
                var old = replicas.Dequeue();
                await using (old)
                {
                    var asked = Stopwatch.GetTimestamp();
                    _ = (await old.StopAsync(cancellationToken)).OrThrow("A replica, told to stop under load,");
                    var took = Stopwatch.GetElapsedTime(asked);
                    balancer.Remove(old.Address);
                    replicas.Enqueue(await StartAsync(certificate, balancer, cancellationToken));
                    restarts++;
                    slowest = took > slowest ? took : slowest;
                }
            }

            var report = await load;
            run.Add(
                new Figure(Name, "reviews", report.Number("reviews"), "", AtLeast: Rate * Seconds),
                new Figure(Name, "restarts", restarts, "", AtLeast: 2, Note: "SIGTERM, exit code 0 each time"),
                new Figure(Name, "slowest stop", slowest.TotalSeconds, "s", AtMost: LongestStop, Note: "from SIGTERM to its end, of it 5 s of answering on"),
                new Figure(Name, "failures", report.Number("failures"), "", AtMost: 0),
                new Figure(Name, "latency p99", report.Latency("p99"), "ms", Note: $"max {report.Latency("max"):0.0} ms"));
        }
        finally
        {
            while (replicas.TryDequeue(out var replica))
                await replica.DisposeAsync();
        }
    }

    private async Task<WebhookProgram> StartAsync(ServingCertificate certificate, TcpBalancer balancer, CancellationToken cancellationToken)
    {
        // As the manifests have it: unready at once, answering for as long as endpoints may take to be withdrawn.
        var replica = await WebhookProgram.StartAsync(run.Checkout, certificate, cancellationToken, pause: "5s");
        await balancer.AddAsync(replica.Address, cancellationToken);
        return replica;
    }
}
