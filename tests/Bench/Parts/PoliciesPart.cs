using System.Diagnostics;
using System.Text.Json;
using Stevedore.Bench.Measure;
using Stevedore.Bench.Report;
using Stevedore.Webhook.Injection;

namespace Stevedore.Bench.Parts;

/// <summary>
/// A large cluster: 10,000 namespaces and 500 policies. How long a decision takes, from the pod's JSON to the patch, with labels and policy looked up; how
/// long the choice of the policy alone; and what a change costs.
/// </summary>
internal sealed class PoliciesPart(BenchRun run) : IPart
{
    private const string Name = "policies";
    private const string Recording = "tests/Webhook.Tests/Golden/vllm-minimal/in.json";
    private const int Namespaces = 10_000;
    private const int Policies = 500;
    private const int WarmUp = 20_000;
    private const int Decisions = 200_000;
    private const int Changes = 200;
    private const double Mebi = 1 << 20;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var cluster = new LargeCluster(run.Settings.Seed, Namespaces, Policies);
        BenchRun.Say($"{Decisions} decisions among {Namespaces} namespaces and {Policies} policies");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        cluster.Fill();
        var kept = GC.GetTotalMemory(forceFullCollection: true) - before;

        using var review = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(run.Checkout.Root, Recording), cancellationToken));
        var pod = review.RootElement.GetProperty("request").GetProperty("object").Clone();
        var injector = new PodInjector(new InjectionSettings("stevedore/fetcher:bench"), FixedServerVersion.Unknown);
        var injected = 0;
        var decisions = Measure(WarmUp, Decisions, i =>
        {
            var place = cluster.NamespaceAt(i);
            var request = new PodRequest(Door.Explicit, pod, place, cluster.LabelsOf(place));
            injected += injector.Answer(request, cluster.Policies).Outcome == PodOutcome.Injected ? 1 : 0;
        });
        var choices = Measure(WarmUp, Decisions, i => cluster.Policies.Choose(cluster.LabelsOf(cluster.NamespaceAt(i)), LargeCluster.PodLabels));
        var policyChanges = Measure(10, Changes, i => cluster.ChangePolicy(i));
        var namespaceChanges = Measure(10, Changes, i => cluster.ChangeNamespace(i));

        run.Add(
            new Figure(Name, "decision p50", decisions.At(0.50), "ms", Note: $"{injected} of {WarmUp + Decisions} pods injected"),
            new Figure(Name, "decision p99", decisions.At(0.99), "ms", AtMost: 1, Note: $"p99.9 {decisions.At(0.999):0.000} ms, max {decisions.At(1):0.0} ms"),
            new Figure(Name, "choice p99", choices.At(0.99) * 1000, "µs", Note: $"of the policy alone; p50 {choices.At(0.50) * 1000:0.0} µs"),
            new Figure(Name, "a policy changes", policyChanges.At(0.50), "ms", Note: "read, checked, ranked and indexed anew; p50"),
            new Figure(Name, "a namespace changes", namespaceChanges.At(0.50) * 1000, "µs", Note: "p50"),
            new Figure(Name, "memory kept", kept / Mebi, "MiB", Note: "labels of all namespaces, and all policies"));
    }

    private static Quantiles Measure(int warmUp, int rounds, Action<int> act)
    {
        for (var i = 0; i < warmUp; i++)
            act(i);
        var took = new double[rounds];
        for (var i = 0; i < rounds; i++)
        {
            var started = Stopwatch.GetTimestamp();
            act(warmUp + i);
            took[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        return new Quantiles(took);
    }
}
