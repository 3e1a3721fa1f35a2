using System.Text.Json.Nodes;
using CsCheck;

namespace Stevedore.Webhook.Tests.Yaml;

/// <summary>JSON of every shape, rich in what trips writers of YAML: indicators, control characters, line breaks, numbers in disguise.</summary>
internal static class ArbitraryJson
{
    private static readonly Gen<string> Trap = Gen.OneOf(
        "~", "null", "1e3", "yes", "0x1F", "010", ".inf", "-", "--", "---", "...", "? a", ": a", "a:", "a: b", "a #", "#", "&a", "*a", "!a", "|", ">",
        "%", "@", "`", "'", "\"", "\\", "{}", "[]", ",", "<<", "=", " a", "a ", "\ta", "a\n", "a\n\n", "\n", "\n\n", "\na", " \n a", "a\n b", "a\n\tb",
        "a \nb", "a\r\nb", "\r", "\0", "\a", "\u007f", "\u0085", "\u00a0", "\u2028", "\u2029", "\ufeff", "\ufeffa", "\ufffd", "\ud7ff", "\ue000", "😀",
        "1:30", "2026-01-01", "1_0", "+1", "1.", "Off", "", "[x", "x]", "key: |\n  x", "- a\n- b", "a\n---\nb\n...\n");

    private static readonly Gen<string> Character = Gen.Frequency(
        (6, Gen.Char[' ', '~'].Select(c => c.ToString())),
        (2, Gen.OneOf("\n", " ", ":", "#", "-", "'", "\"", "\t", "\\")),
        (1, Gen.Char['\0', '\ud7ff'].Select(c => c.ToString())),
        (1, Gen.Int[0xE000, 0x10FFFF].Select(char.ConvertFromUtf32)));

    private static readonly Gen<string> Text = Gen.OneOf(Trap, Character.Array[0, 12].Select(string.Concat), Gen.Select(Trap, Trap, (a, b) => a + b));

    private static readonly Gen<JsonNode?> Number = Gen.OneOf(
        Gen.Long.Select(n => (JsonNode?)JsonValue.Create(n)),
        Gen.Double.Where(double.IsFinite).Select(n => (JsonNode?)JsonValue.Create(n)),
        Gen.OneOf("0", "-0", "1.0", "1.10", "1e400", "1E-7", "0.1e+1", "123456789012345678901234567890").Select(n => JsonNode.Parse(n)));

    /// <summary>Any JSON value; null is JSON's null.</summary>
    public static Gen<JsonNode?> Node { get; } = OfDepth(4);

    private static Gen<JsonNode?> OfDepth(int depth)
    {
        var leaf = Gen.Frequency(
            (5, Text.Select(t => (JsonNode?)JsonValue.Create(t))), (2, Number), (1, Gen.Bool.Select(b => (JsonNode?)JsonValue.Create(b))),
            (1, Gen.Const((JsonNode?)null)), (1, Gen.Const(0).Select(_ => (JsonNode?)new JsonObject())));
        if (depth == 0)
            return leaf;
        var inner = OfDepth(depth - 1);
        return Gen.Frequency(
            (2, leaf),
            (2, inner.Array[0, 4].Select(items => (JsonNode?)new JsonArray(Cloned(items)))),
            (3, Gen.Dictionary(Text, inner)[0, 4].Select(entries => (JsonNode?)new JsonObject(entries.Select(e => KeyValuePair.Create(e.Key, e.Value?.DeepClone()))))));
    }

    // A node has one parent; a generator may hand the same one out twice.
    private static JsonNode?[] Cloned(JsonNode?[] items) => [.. items.Select(item => item?.DeepClone())];
}
