using System.Text;
using System.Text.Json.Nodes;

namespace Stevedore.Webhook.Tests.Fuzz;

/// <summary>Changes JSON at random places, by a seeded choice: what a confused controller, a hostile user or a broken proxy could send.</summary>
/// <param name="random">The choices.</param>
/// <param name="words">Texts that mean something somewhere: names, paths, references, quantities.</param>
internal sealed class JsonMutator(Random random, IReadOnlyList<string> words)
{
    private static readonly string[] Hostile =
    [
        "", " ", "\0", "\n", "../..", "/", "//", "/a/../b", "~0~1", "$(VAR)", "$((VAR))", "`x`", "'", "\"", "\\", "é", "\u202e", "\ud83d\ude80", "-", "--", "=",
        "9e999", "-1", "0x10", "1e-400", "100Ei", "0.0000001m", "true", "null", "{}", "[]", "hf://", "s3://", "oci://x", "pvc://a/b", "file:///", "https://u:p@h/?q#f",
        "stevedore-cache", "stevedore-view", "stevedore-fetch",
    ];

    /// <summary>Changes a tree in a few places.</summary>
    public void Change(JsonNode root)
    {
        for (var times = random.Next(1, 6); times > 0; times--)
        {
            var places = new List<JsonNode>();
            Collect(root, places);
            ChangeOne(places[random.Next(places.Count)]);
        }
    }

    /// <summary>Changes text as a wire might: cut off, bytes flipped, pieces doubled.</summary>
    public byte[] Spoil(byte[] bytes)
    {
        var spoilt = bytes.ToList();
        for (var times = random.Next(1, 5); times > 0 && spoilt.Count > 0; times--)
        {
            var at = random.Next(spoilt.Count);
            switch (random.Next(5))
            {
                case 0:
                    spoilt.RemoveRange(at, spoilt.Count - at);
                    break;
                case 1:
                    spoilt[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    spoilt.InsertRange(at, spoilt.GetRange(at, Math.Min(random.Next(1, 64), spoilt.Count - at)));
                    break;
                case 3:
                    spoilt.RemoveRange(at, Math.Min(random.Next(1, 64), spoilt.Count - at));
                    break;
                default:
                    spoilt.InsertRange(at, Encoding.UTF8.GetBytes("{}[]\",:0eE.-\\u"[random.Next(13)].ToString()));
                    break;
            }
        }

        return [.. spoilt];
    }

    private void ChangeOne(JsonNode place)
    {
        if (place is JsonObject fields && fields.Count > 0)
            Change(fields);
        else if (place is JsonArray items && items.Count > 0)
            Change(items);
        else
            Replace(place, Value(depth: 0));
    }

    private void Change(JsonObject fields)
    {
        var key = fields.ElementAt(random.Next(fields.Count)).Key;
        switch (random.Next(5))
        {
            case 0:
                fields.Remove(key);
                break;
            case 1:
                fields[key] = Value(depth: 0);
                break;
            case 2:
                fields[Word()] = fields[key]?.DeepClone();
                break;
            case 3:
                fields[Word()] = Value(depth: 0);
                break;
            default:
                fields[key] = new JsonArray(fields[key]?.DeepClone());
                break;
        }
    }

    private void Change(JsonArray items)
    {
        var at = random.Next(items.Count);
        switch (random.Next(4))
        {
            case 0:
                items.RemoveAt(at);
                break;
            case 1:
                items[at] = Value(depth: 0);
                break;
            case 2:
                items.Insert(at, items[random.Next(items.Count)]?.DeepClone());
                break;
            default:
                for (var copies = random.Next(2, 40); copies > 0; copies--)
                    items.Add(items[at]?.DeepClone());
                break;
        }
    }

    private static void Replace(JsonNode place, JsonNode? value)
    {
        if (place.Parent is JsonObject fields)
            fields[place.GetPropertyName()] = value;
        else if (place.Parent is JsonArray items)
            items[place.GetElementIndex()] = value;
    }

    private JsonNode? Value(int depth) => random.Next(depth > 3 ? 5 : 8) switch
    {
        0 => null,
        1 => JsonValue.Create(random.Next(2) == 0),
        2 => JsonValue.Create(random.Next(4) switch { 0 => 0, 1 => -1, 2 => long.MaxValue, _ => random.Next() }),
        3 => JsonValue.Create(double.BitDecrement(random.NextDouble() * 1e300)),
        4 => JsonValue.Create(Word()),
        5 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Value(depth + 1))]),
        6 => new JsonObject([.. Enumerable.Range(0, random.Next(4)).Select(i => KeyValuePair.Create($"{Word()}{i}", Value(depth + 1)))]),
        _ => JsonValue.Create(new string((char)random.Next('a', 'z'), random.Next(1, 3000))),
    };

    private string Word() => random.Next(3) switch
    {
        0 => Hostile[random.Next(Hostile.Length)],
        1 => words[random.Next(words.Count)],
        _ => words[random.Next(words.Count)] + Hostile[random.Next(Hostile.Length)],
    };

    private static void Collect(JsonNode? node, List<JsonNode> into)
    {
        if (node is null)
            return;
        into.Add(node);
        if (node is JsonObject fields)
        {
            foreach (var (_, value) in fields)
                Collect(value, into);
        }
        else if (node is JsonArray items)
        {
            foreach (var item in items)
                Collect(item, into);
        }
    }
}
