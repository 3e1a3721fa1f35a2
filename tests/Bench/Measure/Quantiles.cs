namespace Stevedore.Bench.Measure;

/// <summary>Many measurements of one thing, in milliseconds.</summary>
internal sealed class Quantiles
{
    private readonly double[] _sorted;

    public Quantiles(double[] milliseconds)
    {
        _sorted = milliseconds;
        Array.Sort(_sorted);
    }

    /// <summary>What this part of them stayed within; 1 for the slowest.</summary>
    public double At(double part) => _sorted[Math.Clamp((int)Math.Ceiling(part * _sorted.Length) - 1, 0, _sorted.Length - 1)];
}
