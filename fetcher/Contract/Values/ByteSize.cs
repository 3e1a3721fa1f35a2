using System.Globalization;

namespace Stevedore.Contract.Values;

/// <summary>A number of bytes, written as a Kubernetes quantity: <c>512Mi</c>, <c>2G</c>, <c>1e9</c>, <c>128974848</c>.</summary>
/// <param name="Bytes">Never negative.</param>
public readonly record struct ByteSize(long Bytes)
{
    private static readonly (string Suffix, decimal Factor)[] Suffixes =
    [
        ("Ki", 1L << 10), ("Mi", 1L << 20), ("Gi", 1L << 30), ("Ti", 1L << 40), ("Pi", 1L << 50), ("Ei", 1L << 60),
        ("n", 0.000_000_001m), ("u", 0.000_001m), ("m", 0.001m), ("k", 1_000), ("M", 1_000_000), ("G", 1_000_000_000), ("T", 1_000_000_000_000), ("P", 1_000_000_000_000_000),
        ("E", 1_000_000_000_000_000_000),
    ];

    /// <summary>Reads a quantity; fractions of a byte are rounded up, as Kubernetes does.</summary>
    public static Parsed<ByteSize> Parse(string text)
    {
        var trimmed = text.Trim();
        var wrong = Parsed<ByteSize>.Wrong($"{Quoted.Text(text)} is not a size; write a Kubernetes quantity such as 512Mi, 2G or 1073741824.");
        var (suffix, factor) = Suffixes.FirstOrDefault(s => trimmed.EndsWith(s.Suffix, StringComparison.Ordinal), ("", 1));
        // A quantity has a suffix or an exponent, never both: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
        var style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | (suffix.Length == 0 ? NumberStyles.AllowExponent : NumberStyles.None);
        if (!decimal.TryParse(trimmed.AsSpan(0, trimmed.Length - suffix.Length), style, CultureInfo.InvariantCulture, out var value))
            return wrong;
        try
        {
            var bytes = decimal.Ceiling(value * factor);
            return bytes is < 0 or > long.MaxValue ? wrong : new ByteSize((long)bytes);
        }
        catch (OverflowException)
        {
            return wrong;
        }
    }

    /// <summary>The shortest exact quantity: binary suffixes first, else plain bytes.</summary>
    public override string ToString()
    {
        for (var i = 5; i >= 0; i--)
        {
            var factor = (long)Suffixes[i].Factor;
            if (Bytes != 0 && Bytes % factor == 0)
                return $"{Bytes / factor}{Suffixes[i].Suffix}";
        }

        return Bytes.ToString(CultureInfo.InvariantCulture);
    }
}
