using Stevedore.HubFixture;

namespace Stevedore.Chaos;

/// <summary>The model of a round: a few large files and a batch of small ones, the same for all rounds.</summary>
internal static class ChaosModel
{
    /// <summary>Its name.</summary>
    public const string Id = "chaos/model";

    /// <summary>Of each fetcher, unless it is told otherwise.</summary>
    public const int Connections = 2;

    /// <summary>After what silence a fetcher counts as dead here.</summary>
    public static readonly TimeSpan Ttl = TimeSpan.FromSeconds(2);

    /// <summary>Where a cache holds it.</summary>
    public static string FolderIn(string cache) => Path.Combine(cache, "hub", "models--chaos--model");

    private const int Mebi = 1 << 20;
    private const string LeaseTtl = "2s";
    private static readonly int[] Large = [12 * Mebi, 9 * Mebi, (7 * Mebi) + 17, 5 * Mebi, 3 * Mebi];
    private static readonly int[] Small = [200_000, 70_000, 4_000, 1_000, 17, 0];
    private static readonly Lazy<IReadOnlyList<(string Path, byte[] Content)>> Made = new(Make);

    /// <summary>How many files.</summary>
    public static int Files => Large.Length + Small.Length;

    /// <summary>How many bytes.</summary>
    public static long Bytes => Large.Sum() + Small.Sum();

    /// <summary>Serves it.</summary>
    /// <param name="lies">Whether what is sent is not what was listed.</param>
    /// <param name="bytesPerSecond">The speed of each connection.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<HubServer> ServeAsync(bool lies, long bytesPerSecond, CancellationToken cancellationToken)
    {
        var hub = await HubServer.StartAsync(ct: cancellationToken);
        var repository = hub.AddRepository(Id);
        foreach (var (path, content) in Made.Value)
            repository.AddFile(path, content, lfs: path.EndsWith(".safetensors", StringComparison.Ordinal));
        repository.Publish();
        hub.Faults.Add(Fault.Slow(bytesPerSecond).Always());
        if (lies)
            hub.Faults.Add(Fault.ChangeContent(honourPreconditions: false).Always());
        return hub;
    }

    /// <summary>Starts a fetcher on it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="hub">Its source.</param>
    /// <param name="cache">The cache.</param>
    /// <param name="id">Another model than this one.</param>
    /// <param name="bootId">See <see cref="Pod.StartAsync"/>.</param>
    /// <param name="environment">What it finds in its environment besides.</param>
    /// <param name="connections">How many it may open.</param>
    /// <param name="options">More options.</param>
    public static Task<Pod> FetchAsync(
        ChaosRun run, HubServer hub, string cache, string id = Id, string? bootId = null, IReadOnlyDictionary<string, string>? environment = null,
        int connections = Connections, IEnumerable<string>? options = null) => Pod.StartAsync(
            run.Checkout,
            ["fetch", $"hf://{id}", "--cache", cache, "--lease-ttl", LeaseTtl, "--connections", $"{connections}", "--progress", "none", .. options ?? []],
            new Dictionary<string, string>(environment ?? new Dictionary<string, string>()) { ["HF_ENDPOINT"] = hub.Endpoint.OriginalString },
            bootId);

    private static List<(string Path, byte[] Content)> Make() =>
    [
        .. Large.Select((size, index) => ($"model-{index}.safetensors", Noise(size, index))),
        .. Small.Select((size, index) => ($"part-{index}.txt", Noise(size, 100 + index))),
    ];

    private static byte[] Noise(int size, int seed)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
