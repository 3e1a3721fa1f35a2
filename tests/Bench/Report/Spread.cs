namespace Stevedore.Bench.Report;

/// <summary>Several measurements of one thing.</summary>
internal sealed class Spread(IEnumerable<double> values)
{
    private readonly double[] _sorted = [.. values.Order()];

    /// <summary>The middle one; between the two middle ones where their number is even.</summary>
    public double Median => (_sorted[(_sorted.Length - 1) / 2] + _sorted[_sorted.Length / 2]) / 2;

    /// <summary>The largest.</summary>
    public double Most => _sorted[^1];

    /// <summary>How far they lie apart, for the note beside a median.</summary>
    public string Range(string format) => $"median of {_sorted.Length}, {_sorted[0].ToString(format)} to {Most.ToString(format)}";
}
