using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Stevedore.Webhook.Yaml;

/// <summary>What a scalar means. The rules are those of go-yaml 2 (resolve.go), checked against kubectl 1.32.</summary>
internal static partial class YamlScalar
{
    private const string Tags = "tag:yaml.org,2002:";

    /// <summary>A scalar as JSON; null is JSON's null.</summary>
    public static JsonNode? Read(Scalar scalar)
    {
        var tag = scalar.Tag.IsEmpty ? "" : scalar.Tag.Value;
        if (tag.Length == 0 && scalar.Style == ScalarStyle.Plain)
            return Plain(scalar);
        return tag switch
        {
            Tags + "null" or Tags + "bool" or Tags + "int" or Tags + "float" => Tagged(scalar, tag[Tags.Length..]),
            Tags + "binary" => Binary(scalar),
            _ => JsonValue.Create(scalar.Value),
        };
    }

    /// <summary>A plain scalar is a text unless it looks like something else; not-a-number and infinities have no form in JSON.</summary>
    public static bool IsText(string plain) => plain.Length > 0 && !IsNull(plain) && Boolean(plain) is null && Number(plain) is null
        && !Infinite().IsMatch(plain);

    /// <summary>The text that a scalar has as a mapping's key; null where kubectl refuses it.</summary>
    public static string? AsKey(JsonNode? key) => key?.GetValueKind() switch
    {
        JsonValueKind.String => key.ToString(),
        JsonValueKind.Number => NumberKey(key.ToJsonString()),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };

    private static JsonNode? Plain(Scalar scalar)
    {
        var text = scalar.Value;
        if (text.Length == 0 || IsNull(text))
            return null;
        if (Boolean(text) is { } boolean)
            return JsonValue.Create(boolean);
        if (Number(text) is { } number)
            return JsonNode.Parse(number);
        if (Infinite().IsMatch(text))
            throw Problem(scalar, $"JSON, and so Kubernetes, has no number {text}; put it in quotes if it is a text.");
        return JsonValue.Create(text);
    }

    private static JsonNode? Tagged(Scalar scalar, string type)
    {
        var text = scalar.Value;
        var fits = type switch
        {
            "null" => text.Length == 0 || IsNull(text),
            "bool" => Boolean(text) is not null,
            "int" => Integer(text.Replace("_", "", StringComparison.Ordinal)) is not null,
            _ => Number(text) is not null,
        };
        return fits ? Plain(scalar) : throw Problem(scalar, $"\"{text}\" is not what its tag !!{type} says.");
    }

    private static JsonValue Binary(Scalar scalar)
    {
        try
        {
            var bytes = Convert.FromBase64String(scalar.Value);
            return JsonValue.Create(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes));
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw Problem(scalar, "!!binary must be base64 of UTF-8 text, since JSON holds no bytes; write the base64 as a text instead.");
        }
    }

    private static bool IsNull(string text) => text is "~" or "null" or "Null" or "NULL";

    private static bool? Boolean(string text) => text switch
    {
        "y" or "Y" or "yes" or "Yes" or "YES" or "true" or "True" or "TRUE" or "on" or "On" or "ON" => true,
        "n" or "N" or "no" or "No" or "NO" or "false" or "False" or "FALSE" or "off" or "Off" or "OFF" => false,
        _ => null,
    };

    /// <summary>The number as JSON writes it, all digits kept; null when the text is no number.</summary>
    private static string? Number(string text)
    {
        if (!(char.IsAsciiDigit(text[0]) || text[0] is '+' or '-' or '.'))
            return null;
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        if (Integer(digits) is { } integer)
            return integer;
        var match = Fraction().Match(digits);
        if (!match.Success)
            return null;
        var whole = match.Groups["whole"].Value.TrimStart('0');
        var part = match.Groups["part"].Value;
        return $"{Sign(digits)}{(whole.Length == 0 ? "0" : whole)}{(part.Length == 0 ? "" : ".")}{part}{match.Groups["exponent"].Value}";
    }

    private static string? Integer(string digits)
    {
        var body = digits.TrimStart('+', '-');
        if (digits.Length - body.Length > 1 || !Whole().IsMatch(body))
            return null;
        if (body == "0" || body[0] != '0')
            return Sign(digits) + body;
        var (radix, start) = char.ToLowerInvariant(body[1]) switch { 'x' => (16, 2), 'o' => (8, 2), 'b' => (2, 2), _ => (8, 1) };
        var value = BigInteger.Zero;
        foreach (var digit in body.AsSpan(start))
            value = (value * radix) + Convert.ToInt32(digit.ToString(), 16);
        return Sign(digits) + value.ToString(CultureInfo.InvariantCulture);
    }

    private static string Sign(string number) => number[0] == '-' ? "-" : "";

    /// <summary>Whole numbers as they are, others as Go's <c>FormatFloat(…, 'g', -1, 32)</c> writes them: that is the key kubectl sends.</summary>
    private static string? NumberKey(string number)
    {
        if (long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return whole.ToString(CultureInfo.InvariantCulture);
        if (!number.AsSpan().ContainsAny(".eE"))
            return null;
        var value = float.Parse(number, CultureInfo.InvariantCulture);
        if (float.IsInfinity(value))
            return null;
        var shortest = Enumerable.Range(0, 9).Select(precision => value.ToString($"E{precision}", CultureInfo.InvariantCulture))
            .First(text => float.Parse(text, CultureInfo.InvariantCulture) == value);
        var mark = shortest.IndexOf('E', StringComparison.Ordinal);
        var exponent = int.Parse(shortest.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return exponent is >= -4 and < 6
            ? value.ToString("R", CultureInfo.InvariantCulture)
            : $"{shortest[..mark]}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    private static DocumentException Problem(Scalar at, string what) => new(at.Start.Line, at.Start.Column, what);

    [GeneratedRegex("^(0|[1-9][0-9]*|0[0-7]+|0[oO][0-7]+|0[xX][0-9a-fA-F]+|0[bB][01]+)$")]
    private static partial Regex Whole();

    [GeneratedRegex(@"^[-+]?(?:(?<whole>[0-9]+)(?:\.(?<part>[0-9]*))?|\.(?<part>[0-9]+))(?<exponent>[eE][-+]?[0-9]+)?$")]
    private static partial Regex Fraction();

    [GeneratedRegex(@"^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$")]
    private static partial Regex Infinite();
}
