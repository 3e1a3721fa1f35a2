using Stevedore.Bench.Measure;
using Stevedore.Bench.Peers;
using Stevedore.Bench.Report;
using Stevedore.HubFixture;
using Stevedore.Programs;

namespace Stevedore.Bench;

/// <summary>What the parts share: the model and the Hub that serves it, made when the first part asks; the figures.</summary>
/// <param name="checkout">Where the published programs lie.</param>
/// <param name="scratch">The one folder that is written to, apart from the report.</param>
/// <param name="settings">Seed and rounds.</param>
internal sealed class BenchRun(Checkout checkout, TemporaryFolder scratch, BenchSettings settings) : IAsyncDisposable
{
    /// <summary>The model's name on the fixture.</summary>
    public const string ModelId = "bench/llama-2g";

    private const long TensorBytes = 2L << 30;
    private const int Shards = 4;

    // The model, one cache of it at a time, and room for the partial files' journals and everything else that uses the disk meanwhile.
    private const long NeededBytes = 5L << 30;

    private readonly List<Figure> _figures = [];
    private readonly List<Contest> _contests = [];
    private HubProgram? _hub;

    /// <summary>Where the published programs lie.</summary>
    public Checkout Checkout => checkout;

    /// <summary>The folder to write to.</summary>
    public TemporaryFolder Scratch => scratch;

    /// <summary>Seed and rounds.</summary>
    public BenchSettings Settings => settings;

    /// <summary>Bytes of all files of the model; known once the Hub runs.</summary>
    public long ModelSize { get; private set; }

    /// <summary>What was measured so far.</summary>
    public IReadOnlyList<Figure> Figures => _figures;

    /// <summary>The contests with other programs that were held.</summary>
    public IReadOnlyList<Contest> Contests => _contests;

    /// <summary>Enters a contest.</summary>
    public void Add(Contest contest) => _contests.Add(contest);

    /// <summary>Enters figures.</summary>
    public void Add(params ReadOnlySpan<Figure> figures) => _figures.AddRange(figures);

    /// <summary>Says on stderr what is going on.</summary>
    public static void Say(string line) => Console.Error.WriteLine($"bench: {line}");

    /// <summary>The Hub, a process of its own, with a model of 2 GiB.</summary>
    public async Task<HubProgram> HubAsync(CancellationToken cancellationToken)
    {
        if (_hub is not null)
            return _hub;
        var free = new DriveInfo(scratch.Path).AvailableFreeSpace;
        if (free < NeededBytes)
        {
            throw new ProgramException(
                $"{scratch.Path} has {free >> 30} GiB free, and {NeededBytes >> 30} GiB are needed for a model and a cache of it; set TMPDIR to a folder on a larger disk.");
        }

        Say($"making a model of 2 GiB in {scratch.Path} ({free >> 30} GiB free, {NeededBytes >> 30} GiB needed)");
        ModelSize = await Task.Run(() => SampleModel.Write(scratch.Sub("hub", ModelId), TensorBytes, Shards), cancellationToken);
        return _hub = await HubProgram.StartAsync(scratch.Sub("hub"), cancellationToken);
    }

    /// <summary>One folder of the model's shards.</summary>
    public string ModelFolder => scratch.Sub("hub", ModelId);

    /// <summary>Ends the Hub.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_hub is not null)
            await _hub.DisposeAsync();
    }
}
