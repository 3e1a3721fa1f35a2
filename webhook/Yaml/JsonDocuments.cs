using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Stevedore.Webhook.Yaml;

/// <summary>
/// JSON documents one after another, as <c>kubectl -o json</c> and <c>jq</c> write them. YAML contains JSON in theory; in practice its
/// parsers stumble over <c>\/</c>, surrogate pairs and long keys.
/// </summary>
internal static class JsonDocuments
{
    private static readonly UTF8Encoding Utf8 = new(false);

    /// <summary>The documents; null where the text is not JSON, and may be YAML.</summary>
    public static IReadOnlyList<JsonNode>? TryRead(string text)
    {
        var start = text.AsSpan().TrimStart();
        if (start.Length == 0 || start[0] is not ('{' or '['))
            return null;

        var bytes = Utf8.GetBytes(text);
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { AllowMultipleValues = true, MaxDepth = YamlDocuments.MaxDepth });
        var documents = new List<JsonNode>();
        try
        {
            while (reader.Read())
            {
                if (Value(ref reader, bytes) is { } document)
                    documents.Add(document);
            }
        }
        catch (JsonException)
        {
            return null;
        }

        return documents;
    }

    private static JsonNode? Value(ref Utf8JsonReader reader, byte[] bytes) => reader.TokenType switch
    {
        JsonTokenType.StartObject => Object(ref reader, bytes),
        JsonTokenType.StartArray => Array(ref reader, bytes),
        JsonTokenType.String => JsonValue.Create(Text(ref reader, bytes)),
        JsonTokenType.Number => JsonNode.Parse(reader.ValueSpan),
        JsonTokenType.True => JsonValue.Create(true),
        JsonTokenType.False => JsonValue.Create(false),
        _ => null,
    };

    private static JsonObject Object(ref Utf8JsonReader reader, byte[] bytes)
    {
        var mapping = new JsonObject();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var key = Text(ref reader, bytes);
            if (mapping.ContainsKey(key))
                throw Problem(bytes, reader.TokenStartIndex, $"the key \"{key}\" is here a second time; keep one of the two.");
            reader.Read();
            mapping.Add(key, Value(ref reader, bytes));
        }

        return mapping;
    }

    private static JsonArray Array(ref Utf8JsonReader reader, byte[] bytes)
    {
        var array = new JsonArray();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            array.Add(Value(ref reader, bytes));
        return array;
    }

    private static string Text(ref Utf8JsonReader reader, byte[] bytes)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw Problem(bytes, reader.TokenStartIndex, "this text holds half of a surrogate pair, which is no character; write both halves.", e);
        }
    }

    private static DocumentException Problem(byte[] bytes, long index, string what, Exception? inner = null)
    {
        var before = bytes.AsSpan(0, (int)index);
        var line = before.Count((byte)'\n') + 1;
        var column = Utf8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1;
        return new DocumentException(line, column, what, inner);
    }
}
