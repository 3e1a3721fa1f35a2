using System.Globalization;
using System.Text;

namespace Stevedore.Contract.Values;

/// <summary>Durations as Go and Kubernetes write them: <c>90s</c>, <c>10m</c>, <c>1h30m</c>, <c>250ms</c>, <c>0</c>.</summary>
public static class GoDuration
{
    private static readonly (string Unit, decimal Ticks)[] Units =
    [
        ("ns", 0.01m), ("us", 10), ("µs", 10), ("ms", TimeSpan.TicksPerMillisecond), ("s", TimeSpan.TicksPerSecond),
        ("m", TimeSpan.TicksPerMinute), ("h", TimeSpan.TicksPerHour),
    ];

    /// <summary>Reads a duration that is not negative.</summary>
    public static Parsed<TimeSpan> Parse(string text)
    {
        var rest = text.Trim();
        var wrong = Parsed<TimeSpan>.Wrong($"\"{text}\" is not a duration; write one such as 90s, 10m or 1h30m.");
        if (rest == "0")
            return TimeSpan.Zero;
        if (rest.Length == 0)
            return wrong;

        var total = 0m;
        while (rest.Length > 0)
        {
            var digits = rest.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
            var letters = rest.Skip(digits).TakeWhile(c => !char.IsAsciiDigit(c) && c != '.').Count();
            var unit = Array.Find(Units, u => u.Unit == rest[digits..(digits + letters)]);
            if (unit.Unit is null || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
                return wrong;
            if (value > TimeSpan.MaxValue.Ticks / unit.Ticks)
                return wrong;
            total += value * unit.Ticks;
            rest = rest[(digits + letters)..];
        }

        return total > TimeSpan.MaxValue.Ticks ? wrong : TimeSpan.FromTicks((long)total);
    }

    /// <summary>The shortest form that <see cref="Parse"/> reads back exactly, to the 100 ns that a <see cref="TimeSpan"/> holds.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
            return "0s";
        var text = new StringBuilder();
        var ticks = duration.Ticks;
        foreach (var (unit, size) in new[] { ("h", TimeSpan.TicksPerHour), ("m", TimeSpan.TicksPerMinute), ("s", TimeSpan.TicksPerSecond), ("ms", TimeSpan.TicksPerMillisecond), ("us", 10L) })
        {
            if (ticks >= size)
                text.Append(CultureInfo.InvariantCulture, $"{ticks / size}{unit}");
            ticks %= size;
        }

        if (ticks > 0)
            text.Append(CultureInfo.InvariantCulture, $"{ticks * 100}ns");
        return text.ToString();
    }
}
