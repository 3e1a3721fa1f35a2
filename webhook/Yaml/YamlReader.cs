using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Stevedore.Webhook.Yaml;

/// <summary>Builds JSON from the events of a YAML parser.</summary>
internal sealed class YamlReader
{
    /// <summary>How many values aliases may add to a file. A few anchors that refer to each other can stand for billions.</summary>
    private const int MaxAliased = 100_000;

    private readonly Scanner _scanner;
    private readonly Parser _parser;
    private readonly Dictionary<AnchorName, JsonNode?> _anchors = [];
    private int _aliased;
    private int _depth;

    public YamlReader(string text) => _parser = new Parser(_scanner = new Scanner(new StringReader(text)));

    /// <summary>The documents that hold something.</summary>
    public IReadOnlyList<JsonNode> Read()
    {
        try
        {
            return Documents();
        }
        catch (YamlException e)
        {
            // Of a tab the exception says only where its mapping began; the scanner stands before it.
            var at = e.Message.Contains("tab", StringComparison.Ordinal) ? _scanner.CurrentPosition : e.Start;
            throw new DocumentException(at.Line, at.Column, Sentence(e.Message), e);
        }
        catch (InvalidOperationException e)
        {
            // YamlDotNet 18 ends so on "[1, 2\nb: 3": its scanner doubts itself where the text is wrong.
            throw new DocumentException(_scanner.CurrentPosition.Line, _scanner.CurrentPosition.Column, Sentence("what is here does not fit"), e);
        }
    }

    private List<JsonNode> Documents()
    {
        var documents = new List<JsonNode>();
        _parser.Consume<StreamStart>();
        while (!_parser.Accept<StreamEnd>(out _))
        {
            _parser.Consume<DocumentStart>();
            _anchors.Clear();
            if (Value() is { } document)
                documents.Add(document);
            _parser.Consume<DocumentEnd>();
        }

        return documents;
    }

    private static string Sentence(string parsers)
    {
        var what = parsers.Trim().TrimEnd('.');
        return what.Length == 0 ? "This is not YAML." : $"This is not YAML: {char.ToLowerInvariant(what[0])}{what[1..]}.";
    }

    private JsonNode? Value()
    {
        if (_parser.TryConsume<AnchorAlias>(out var alias))
            return Aliased(alias);
        if (_parser.TryConsume<Scalar>(out var scalar))
            return Anchored(scalar, YamlScalar.Read(scalar));
        if (_depth == YamlDocuments.MaxDepth)
            throw Problem(_parser.Current!, $"this is nested more than {YamlDocuments.MaxDepth} levels deep.");

        _depth++;
        var collection = _parser.TryConsume<SequenceStart>(out var sequence)
            ? Anchored(sequence, Sequence())
            : Anchored(_parser.Consume<MappingStart>(), Mapping());
        _depth--;
        return collection;
    }

    private JsonArray Sequence()
    {
        var array = new JsonArray();
        while (!_parser.TryConsume<SequenceEnd>(out _))
            array.Add(Value());
        return array;
    }

    private JsonObject Mapping()
    {
        var mapping = new JsonObject();
        var written = new HashSet<string>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var at = _parser.Current!;
            if (at is Scalar { Style: ScalarStyle.Plain, Value: "<<" })
            {
                _parser.Consume<Scalar>();
                Merge(mapping);
                continue;
            }

            var key = Key(at);
            if (!written.Add(key))
                throw Problem(at, $"the key \"{key}\" is here a second time; keep one of the two.");
            mapping[key] = Value();
        }

        return mapping;
    }

    private string Key(ParsingEvent at)
    {
        if (at is not (Scalar or AnchorAlias))
            throw Problem(at, "a key must be a text or a number, not a list or a mapping.");
        var key = Value();
        return YamlScalar.AsKey(key) ?? throw Problem(at, "this can't be a key as it stands; put it in quotes.");
    }

    /// <summary>What <c>&lt;&lt;</c> brings replaces what stands before it and gives way to what comes after, as in kubectl.</summary>
    private void Merge(JsonObject into)
    {
        var at = _parser.Current!;
        var value = Value();
        var sources = value is JsonArray several ? several.Reverse() : [value];
        foreach (var source in sources)
        {
            if (source is not JsonObject brought)
                throw Problem(at, "<< merges a mapping, or a list of mappings, and nothing else.");
            foreach (var (key, child) in brought)
                into[key] = child?.DeepClone();
        }
    }

    private JsonNode? Aliased(AnchorAlias alias)
    {
        // A node's anchor is known only once the node is complete, so an alias inside its own anchor is unknown too.
        if (!_anchors.TryGetValue(alias.Value, out var node))
            throw Problem(alias, $"the alias *{alias.Value} stands for nothing that was anchored before it.");
        _aliased += Count(node, MaxAliased - _aliased);
        if (_aliased > MaxAliased)
            throw Problem(alias, $"the aliases of this file stand for more than {MaxAliased} values.");
        return node?.DeepClone();
    }

    private JsonNode? Anchored(NodeEvent at, JsonNode? node)
    {
        if (!at.Anchor.IsEmpty)
            _anchors[at.Anchor] = node;
        return node;
    }

    private static int Count(JsonNode? node, int enough)
    {
        var count = 1;
        var children = node switch
        {
            JsonArray array => array,
            JsonObject mapping => mapping.Select(p => p.Value),
            _ => [],
        };
        foreach (var child in children)
        {
            if (count > enough)
                break;
            count += Count(child, enough - count);
        }

        return count;
    }

    private static DocumentException Problem(ParsingEvent at, string what) => new(at.Start.Line, at.Start.Column, what);
}
