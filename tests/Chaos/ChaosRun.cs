using Stevedore.Programs;

namespace Stevedore.Chaos;

/// <summary>How much trouble to make.</summary>
/// <param name="Seed">Of all random choices.</param>
/// <param name="Rounds">How many rounds of chaos.</param>
/// <param name="IsShort">Whether seconds must do instead of minutes: smaller models, the same rules.</param>
internal sealed record ChaosSettings(int Seed, int Rounds, bool IsShort = false)
{
    /// <summary>What <c>make chaos</c> does.</summary>
    public const int FullRounds = 200;
}

/// <summary>What the parts share.</summary>
/// <param name="checkout">Where the published fetcher lies.</param>
/// <param name="scratch">The one folder that is written to.</param>
/// <param name="settings">Seed and size.</param>
internal sealed class ChaosRun(Checkout checkout, TemporaryFolder scratch, ChaosSettings settings)
{
    private readonly List<Figure> _figures = [];
    private readonly List<string> _leftOut = [];
    private readonly Shims _shims = new(scratch);

    /// <summary>Where the published fetcher lies.</summary>
    public Checkout Checkout => checkout;

    /// <summary>The folder to write to.</summary>
    public TemporaryFolder Scratch => scratch;

    /// <summary>Seed and size.</summary>
    public ChaosSettings Settings => settings;

    /// <summary>Libraries that change what the system answers.</summary>
    public Shims Shims => _shims;

    /// <summary>What was seen so far.</summary>
    public IReadOnlyList<Figure> Figures => _figures;

    /// <summary>Enters figures, and shows them.</summary>
    public void Add(params IEnumerable<Figure> figures)
    {
        foreach (var figure in figures)
        {
            _figures.Add(figure);
            Console.WriteLine(figure);
        }
    }

    /// <summary>What could not be done on this machine, and why.</summary>
    public IReadOnlyList<string> LeftOut => _leftOut;

    /// <summary>Says that something can't be done on this machine.</summary>
    public void LeaveOut(string why)
    {
        _leftOut.Add(why);
        Say($"{why}; left out");
    }

    /// <summary>Says on stderr what is going on.</summary>
    public static void Say(string line) => Console.Error.WriteLine($"chaos: {line}");
}
