using System.Text.Json.Nodes;
using Stevedore.Programs;

namespace Stevedore.Bench.Measure;

/// <summary>Recorded reviews at a constant rate, sent by the load client in a process of its own.</summary>
/// <param name="Report">What it measured: its last line.</param>
internal sealed record ReviewLoad(JsonNode Report)
{
    private const string Recordings = "tests/Webhook.Tests/Golden";

    /// <summary>A number of the report.</summary>
    public double Number(string name) => Report[name]!.GetValue<double>();

    /// <summary>A latency of the report, in milliseconds: p50, p90, p99, max.</summary>
    public double Latency(string name) => Report["milliseconds"]![name]!.GetValue<double>();

    /// <summary>Sends them, and waits for the end.</summary>
    /// <param name="url">The door.</param>
    /// <param name="authorityFile">Whom to trust.</param>
    /// <param name="rate">Reviews a second.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="reviews">Recorded reviews, taken in turn.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="more">More of the load client's options.</param>
    /// <exception cref="ProgramException">The client ended without a report.</exception>
    public static async Task<ReviewLoad> RunAsync(
        Uri url, string authorityFile, int rate, int seconds, IReadOnlyList<string> reviews, CancellationToken cancellationToken, params string[] more)
    {
        await using var client = ChildProgram.Start(
            Path.Combine(AppContext.BaseDirectory, "LoadClient"),
            ["--url", url.OriginalString, "--ca", authorityFile, "--rate", $"{rate}", "--seconds", $"{seconds}", .. more, .. reviews.SelectMany(review => new[] { "--review", review })]);
        var end = await client.EndAsync(cancellationToken);
        return end.Output.Count > 0 && end.Output[^1].StartsWith('{') ? new ReviewLoad(JsonNode.Parse(end.Output[^1])!) : throw new ProgramException(
            $"The load client ended with exit code {end.Code} and without a report: {string.Join(' ', end.Errors.TakeLast(1))}");
    }

    /// <summary>The recorded reviews whose pods ask for a model and get it. (A case with a request of its own is another door's, one written as YAML was never recorded.)</summary>
    public static IReadOnlyList<string> InjectedReviews(Checkout checkout) =>
    [
        .. Directory.EnumerateDirectories(Path.Combine(checkout.Root, Recordings))
            .Where(folder => File.Exists(Path.Combine(folder, "in.json")) && !File.Exists(Path.Combine(folder, "request.json")) && !File.Exists(Path.Combine(folder, "policy.yaml"))
                && JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "answer.json")))!["outcome"]!.GetValue<string>() == "Injected")
            .Select(folder => Path.Combine(folder, "in.json"))
            .Order(StringComparer.Ordinal),
    ];
}
