using System.Text.Json.Nodes;
using Stevedore.Bench.Measure;
using Stevedore.Bench.Report;
using Stevedore.Programs;

namespace Stevedore.Bench.Parts;

/// <summary>Recorded reviews at a constant rate over TLS: failures, and how long an API server would wait.</summary>
internal sealed class WebhookPart(BenchRun run) : IPart
{
    private const string Name = "webhook";
    private const string Recordings = "tests/Webhook.Tests/Golden";
    private const int Rate = 500;
    private const int Seconds = 20;
    private const double Mebi = 1 << 20;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var certificate = ServingCertificate.Issue(run.Scratch.Sub("certs"));
        await using var webhook = await WebhookProgram.StartAsync(run.Checkout, certificate, cancellationToken);
        var reviews = InjectedReviews();
        BenchRun.Say($"{Rate} reviews/s for {Seconds} s, {reviews.Count} recorded ones in turn");
        await using var client = ChildProgram.Start(
            Path.Combine(AppContext.BaseDirectory, "LoadClient"),
            [
                "--url", new Uri(webhook.Address, "/mutate/explicit").OriginalString, "--ca", certificate.AuthorityFile,
                "--rate", $"{Rate}", "--seconds", $"{Seconds}", .. reviews.SelectMany(review => new[] { "--review", review }),
            ]);
        var end = await client.EndAsync(cancellationToken);
        var report = end.Output.Count > 0 && end.Output[^1].StartsWith('{') ? JsonNode.Parse(end.Output[^1])! : throw new ProgramException(
            $"The load client ended with exit code {end.Code} and without a report: {string.Join(' ', end.Errors.TakeLast(1))}");
        var use = ProcessUse.Of(webhook.Id);
        _ = (await webhook.StopAsync(cancellationToken)).OrThrow("The webhook, told to stop after the load,");

        run.Add(
            new Figure(Name, "reviews", Number("reviews"), "", AtLeast: Rate * Seconds, Note: $"{reviews.Count} recorded reviews over {Number("connections"):0} TLS connections"),
            new Figure(Name, "rate", Number("done"), "/s", AtLeast: Rate * 0.99, Note: $"{Rate}/s asked for {Seconds} s"),
            new Figure(Name, "failures", Number("failures"), "", AtMost: 0),
            new Figure(Name, "latency p50", Latency("p50"), "ms", Note: "from when each was due"),
            new Figure(Name, "latency p99", Latency("p99"), "ms", Note: $"max {Latency("max"):0.0} ms"),
            new Figure(Name, "peak memory", (use?.PeakBytes ?? 0) / Mebi, "MiB", Note: $"{use?.Processor.TotalSeconds:0.0} s of processor time"));

        double Number(string name) => report[name]!.GetValue<double>();
        double Latency(string name) => report["milliseconds"]![name]!.GetValue<double>();
    }

    /// <summary>The recorded reviews whose pods ask for a model and get it. (A case with a request of its own is another door's, one written as YAML was never recorded.)</summary>
    private IReadOnlyList<string> InjectedReviews() =>
    [
        .. Directory.EnumerateDirectories(Path.Combine(run.Checkout.Root, Recordings))
            .Where(folder => !File.Exists(Path.Combine(folder, "request.json"))
                && JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "answer.json")))!["outcome"]!.GetValue<string>() == "Injected")
            .Select(folder => Path.Combine(folder, "in.json"))
            .Where(File.Exists)
            .Order(StringComparer.Ordinal),
    ];
}
