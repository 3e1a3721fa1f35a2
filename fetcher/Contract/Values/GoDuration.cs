using System.Globalization;
using System.Text;

namespace Stevedore.Contract.Values;

/// <summary>Durations as Go and Kubernetes write them: <c>90s</c>, <c>10m</c>, <c>1h30m</c>, <c>250ms</c>, <c>0</c>.</summary>
public static class GoDuration
{
    private static readonly (string Unit, decimal Ticks)[] Units =
    [
        ("ns", 0.01m), ("us", 10), ("\u00B5s", 10), ("\u03BCs", 10), ("ms", TimeSpan.TicksPerMillisecond), ("s", TimeSpan.TicksPerSecond),
        ("m", TimeSpan.TicksPerMinute), ("h", TimeSpan.TicksPerHour),
    ];

    /// <summary>Reads a duration that is not negative.</summary>
    public static Parsed<TimeSpan> Parse(string text)
    {
        var rest = text.AsSpan().Trim();
        var wrong = Parsed<TimeSpan>.Wrong($"{Quoted.Text(text)} is not a duration; write one such as 90s, 10m or 1h30m.");
        if (rest is "0")
            return TimeSpan.Zero;
        if (rest.Length == 0)
            return wrong;

        var total = 0m;
        while (rest.Length > 0)
        {
            var number = rest[..LengthOf(rest, ofNumber: true)];
            rest = rest[number.Length..];
            var name = rest[..LengthOf(rest, ofNumber: false)];
            rest = rest[name.Length..];
            if (TicksOf(name) is not { } ticks || !decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
                return wrong;
            if (value > TimeSpan.MaxValue.Ticks / ticks)
                return wrong;
            total += value * ticks;
        }

        return total > TimeSpan.MaxValue.Ticks ? wrong : TimeSpan.FromTicks((long)total);
    }

    /// <summary>The shortest form that <see cref="Parse"/> reads back exactly, to the 100 ns that a <see cref="TimeSpan"/> holds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public static string Format(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
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

    private static int LengthOf(ReadOnlySpan<char> text, bool ofNumber)
    {
        var length = 0;
        while (length < text.Length && (char.IsAsciiDigit(text[length]) || text[length] == '.') == ofNumber)
            length++;
        return length;
    }

    private static decimal? TicksOf(ReadOnlySpan<char> unit)
    {
        foreach (var (name, ticks) in Units)
        {
            if (unit.SequenceEqual(name))
                return ticks;
        }

        return null;
    }
}
