using System.CommandLine.Parsing;
using System.Globalization;

namespace Stevedore.HubFixture.Commands;

/// <summary>A number of bytes as Kubernetes writes quantities: <c>4096</c>, <c>64Mi</c>, <c>2G</c>.</summary>
internal static class SizeArgument
{
    private static readonly Dictionary<string, long> Units = new(StringComparer.Ordinal)
    {
        [""] = 1,
        ["k"] = 1_000,
        ["M"] = 1_000_000,
        ["G"] = 1_000_000_000,
        ["Ki"] = 1L << 10,
        ["Mi"] = 1L << 20,
        ["Gi"] = 1L << 30,
    };

    public static long Parse(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        if (Units.TryGetValue(text[digits..], out var unit)
            && long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number <= long.MaxValue / unit)
            return number * unit;
        result.AddError($"\"{text}\" is no size; write bytes as 65536, 64Mi or 2G.");
        return 0;
    }
}
