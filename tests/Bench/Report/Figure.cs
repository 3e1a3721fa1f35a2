namespace Stevedore.Bench.Report;

/// <summary>One measured number.</summary>
/// <param name="Part">Which part measured it.</param>
/// <param name="Name">What it is.</param>
/// <param name="Value">The number.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="AtMost">The most that is allowed; null where nothing is promised.</param>
/// <param name="AtLeast">The least that is allowed; null where nothing is promised.</param>
/// <param name="Note">Over what it was taken, or its spread.</param>
internal sealed record Figure(string Part, string Name, double Value, string Unit, double? AtMost = null, double? AtLeast = null, string Note = "")
{
    /// <summary>Whether it keeps within its limit; null where it has none.</summary>
    public bool? Holds => AtMost is null && AtLeast is null ? null : !(Value > AtMost) && !(Value < AtLeast) && !double.IsNaN(Value);
}
