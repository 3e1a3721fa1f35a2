using Stevedore.Programs;

namespace Stevedore.Bench.Measure;

/// <summary>The published fetcher, told to fetch the bench's model.</summary>
/// <param name="checkout">Where it lies.</param>
/// <param name="hub">The Hub that serves the model.</param>
/// <param name="pod">A folder that stands for a pod: its cache and its view.</param>
internal sealed class FetchCommandLine(Checkout checkout, HubProgram hub, string pod)
{
    /// <summary>What the fetcher uses unless it is told otherwise.</summary>
    public const int Connections = 8;

    /// <summary>Starts a fetch.</summary>
    /// <param name="environment">What the pod sets besides.</param>
    public ChildProgram Fetch(params ReadOnlySpan<KeyValuePair<string, string>> environment) => Start(
        ["fetch", $"hf://{BenchRun.ModelId}", "--cache", Path.Combine(pod, "cache"), "--view", Path.Combine(pod, "view"), "--progress", "none"], environment);

    /// <summary>Starts the hashing of everything that is published.</summary>
    public ChildProgram Verify() => Start(["verify", "--cache", Path.Combine(pod, "cache")]);

    /// <summary>Starts the program for nothing: what a start alone costs.</summary>
    public ChildProgram Nothing() => Start(["--version"]);

    private ChildProgram Start(string[] arguments, params ReadOnlySpan<KeyValuePair<string, string>> environment) => ChildProgram.Start(
        checkout.Fetcher, arguments, new Dictionary<string, string>([.. environment, KeyValuePair.Create("HF_ENDPOINT", hub.Endpoint.OriginalString)]));
}
