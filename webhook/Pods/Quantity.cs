using System.Globalization;

namespace Stevedore.Webhook.Pods;

/// <summary>
/// Kubernetes quantities: <c>1000m</c>, <c>6G</c>, <c>20Gi</c>, <c>12e6</c>. Read only to compare and to derive our own: a user's text is
/// never rewritten. Grammar: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
/// </summary>
internal static class Quantity
{
    // Far above what Kubernetes can hold (2^63), far below where decimal arithmetic of a pod's sums would overflow.
    private const decimal Largest = 1e24m;

    private static readonly (string Suffix, decimal Factor)[] Suffixes =
    [
        ("Ki", 1L << 10), ("Mi", 1L << 20), ("Gi", 1L << 30), ("Ti", 1L << 40), ("Pi", 1L << 50), ("Ei", 1L << 60),
        ("n", 1e-9m), ("u", 1e-6m), ("m", 1e-3m), ("k", 1e3m), ("M", 1e6m), ("G", 1e9m), ("T", 1e12m), ("P", 1e15m), ("E", 1e18m),
    ];

    /// <summary>The amount in CPUs or bytes; false for what Kubernetes would refuse in a request.</summary>
    public static bool TryParse(string text, out decimal amount)
    {
        var (suffix, factor) = Array.Find(Suffixes, s => text.EndsWith(s.Suffix, StringComparison.Ordinal));
        var number = text.AsSpan(0, text.Length - (suffix?.Length ?? 0));
        if (suffix is null)
            factor = 1;
        var styles = suffix is null
            ? NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent
            : NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        amount = 0;
        if (!decimal.TryParse(number, styles, CultureInfo.InvariantCulture, out var value) || value < 0)
            return false;
        amount = factor > 1 && value > Largest / factor ? Largest : Math.Min(value * factor, Largest);
        return true;
    }

    /// <summary>CPUs to the thousandth, rounded down: <c>4</c>, <c>500m</c>.</summary>
    public static string FormatCpu(decimal cpus)
    {
        var thousandths = decimal.Floor(cpus * 1000);
        return thousandths % 1000 == 0
            ? (thousandths / 1000).ToString("0", CultureInfo.InvariantCulture)
            : thousandths.ToString("0", CultureInfo.InvariantCulture) + "m";
    }
}
