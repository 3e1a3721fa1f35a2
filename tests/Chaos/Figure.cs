namespace Stevedore.Chaos;

/// <summary>One number that was seen.</summary>
/// <param name="Part">Which part saw it.</param>
/// <param name="Name">What it is.</param>
/// <param name="Value">The number.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="AtMost">The most that is allowed; null where nothing is promised.</param>
/// <param name="AtLeast">The least that is allowed; null where nothing is promised.</param>
/// <param name="Note">Over what it was taken.</param>
internal sealed record Figure(string Part, string Name, double Value, string Unit = "", double? AtMost = null, double? AtLeast = null, string Note = "")
{
    /// <summary>Whether it keeps within its limits; also where it has none.</summary>
    public bool Holds => !double.IsNaN(Value) && !(Value > AtMost) && !(Value < AtLeast);

    /// <summary>A line of the report.</summary>
    public override string ToString() => $"{(Holds ? "ok  " : "OVER")}  {Part,-10} {Name,-52} {Number(Value),9} {Unit,-4} {Limit,-14} {Note}".TrimEnd();

    private string Limit => (AtLeast, AtMost) switch
    {
        ({ } least, { } most) when least == most => $"= {Number(most)}",
        (_, { } most) => $"<= {Number(most)}",
        ({ } least, _) => $">= {Number(least)}",
        _ => "",
    };

    private static string Number(double value) => value == Math.Round(value) ? value.ToString("0") : value.ToString(Math.Abs(value) < 10 ? "0.00" : "0.0");
}
