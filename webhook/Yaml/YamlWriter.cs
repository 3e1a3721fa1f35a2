using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Stevedore.Webhook.Yaml;

/// <summary>JSON as block-style YAML in kubectl's layout: two spaces a level, lists flush with their key.</summary>
internal sealed class YamlWriter
{
    /// <summary>YAML allows a key on one line up to 1,024 characters; go-yaml writes <c>? key</c> from 128 on.</summary>
    private const int MaxInlineKey = 128;

    private readonly StringBuilder _out = new();

    /// <summary>The document with its final newline.</summary>
    public string Write(JsonNode document)
    {
        _out.Clear();
        if (document is JsonObject { Count: > 0 } mapping)
            Mapping(mapping, 0);
        else if (document is JsonArray { Count: > 0 } sequence)
            Sequence(sequence, 0);
        else
            Inline(document, 2);
        return _out.ToString();
    }

    /// <summary>Writes the entries at a column; the cursor already stands there for the first.</summary>
    private void Mapping(JsonObject mapping, int column)
    {
        var first = true;
        foreach (var (key, value) in mapping)
        {
            if (!first)
                _out.Append(' ', column);
            first = false;
            var name = YamlText.OnOneLine(key);
            if (name.Length > MaxInlineKey)
                _out.Append("? ").Append(name).Append('\n').Append(' ', column).Append(':');
            else
                _out.Append(name).Append(':');
            Member(value, column);
        }
    }

    private void Member(JsonNode? value, int column)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } mapping:
                _out.Append('\n').Append(' ', column + 2);
                Mapping(mapping, column + 2);
                break;
            case JsonArray { Count: > 0 } sequence:
                _out.Append('\n').Append(' ', column);
                Sequence(sequence, column);
                break;
            default:
                _out.Append(' ');
                Inline(value, column + 2);
                break;
        }
    }

    private void Sequence(JsonArray sequence, int column)
    {
        var first = true;
        foreach (var item in sequence)
        {
            if (!first)
                _out.Append(' ', column);
            first = false;
            _out.Append("- ");
            switch (item)
            {
                case JsonObject { Count: > 0 } mapping:
                    Mapping(mapping, column + 2);
                    break;
                case JsonArray { Count: > 0 } inner:
                    Sequence(inner, column + 2);
                    break;
                default:
                    Inline(item, column + 2);
                    break;
            }
        }
    }

    private void Inline(JsonNode? value, int blockColumn)
    {
        switch (value?.GetValueKind())
        {
            case null or JsonValueKind.Null:
                _out.Append("null\n");
                break;
            case JsonValueKind.Object:
                _out.Append("{}\n");
                break;
            case JsonValueKind.Array:
                _out.Append("[]\n");
                break;
            case JsonValueKind.String when YamlText.AsBlock(value.ToString()) is { } header:
                Block(value.ToString(), header, blockColumn);
                break;
            case JsonValueKind.String:
                _out.Append(YamlText.OnOneLine(value.ToString())).Append('\n');
                break;
            default:
                _out.Append(value.ToJsonString()).Append('\n');
                break;
        }
    }

    private void Block(string text, string header, int column)
    {
        _out.Append(header).Append('\n');
        var lines = text.EndsWith('\n') ? text[..^1] : text;
        foreach (var line in lines.Split('\n'))
        {
            if (line.Length > 0)
                _out.Append(' ', column).Append(line);
            _out.Append('\n');
        }
    }
}
