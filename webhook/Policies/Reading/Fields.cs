using System.Text.Json;
using Stevedore.Contract;

namespace Stevedore.Webhook.Policies.Reading;

/// <summary>
/// One object of a policy, read field by field. What is wrong is told under its path and reading goes on; a field that nobody looked for is not
/// known. An object that is absent reads like an empty one, but nothing in it is missing.
/// </summary>
internal sealed class Fields(JsonElement json, string path, PolicyProblems problems)
{
    /// <summary>The longest text that any field may hold.</summary>
    public const int LongestText = 1024;

    private readonly List<string> _known = [];
    private readonly List<Fields> _children = [];
    private bool _isOpen;

    /// <summary>Where it is.</summary>
    public string Path => path;

    /// <summary>Whether it is there.</summary>
    public bool IsPresent => json.ValueKind == JsonValueKind.Object;

    /// <summary>The object that a field holds.</summary>
    public Fields Object(string name)
    {
        var child = new Fields(Take(name, JsonValueKind.Object, "an object"), Below(name), problems);
        _children.Add(child);
        return child;
    }

    /// <summary>The object that a field holds, as it was written; null where there is none.</summary>
    public JsonElement? Verbatim(string name) => Take(name, JsonValueKind.Object, "an object") is { ValueKind: JsonValueKind.Object } found ? found.Clone() : null;

    /// <summary>The value of whatever kind; undefined where there is none.</summary>
    public JsonElement Anything(string name)
    {
        _known.Add(name);
        problems.Catalogue?.TryAdd(Below(name), []);
        return Pods.JsonShape.Member(json, name);
    }

    /// <summary>A text; null where there is none.</summary>
    public string? Text(string name) => TextOf(name);

    /// <summary>A text that means something; null where there is none, or none that can be read.</summary>
    public T? Parse<T>(string name, Func<string, Parsed<T>> parse)
        where T : class => TextOf(name) is { } text && Check(Below(name), parse(text)) is { IsValid: true, Value: var value } ? value : null;

    /// <inheritdoc cref="Parse"/>
    public T? Value<T>(string name, Func<string, Parsed<T>> parse)
        where T : struct => TextOf(name) is { } text && Check(Below(name), parse(text)) is { IsValid: true, Value: var value } ? value : null;

    /// <summary>One word of an enumeration, in any case; null where there is none.</summary>
    public T? Choice<T>(string name)
        where T : struct, Enum
    {
        if (problems.Catalogue is { } catalogue)
            catalogue[Below(name)] = Enum.GetNames<T>();
        return Value(name, Word<T>);
    }

    /// <summary>A switch; null where there is none.</summary>
    public bool? Switch(string name)
    {
        var value = Anything(name);
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        if (value.ValueKind != JsonValueKind.Undefined)
            problems.Add(Below(name), $"is {Kind(value)}; write true or false.");
        return null;
    }

    /// <summary>A whole number within bounds; null where there is none.</summary>
    public long? Number(string name, long least, long most)
    {
        var value = Take(name, JsonValueKind.Number, "a number");
        if (value.ValueKind == JsonValueKind.Undefined)
            return null;
        if (value.TryGetInt64(out var number) && number >= least && number <= most)
            return number;
        problems.Add(Below(name), $"is {value.GetRawText()}; write a whole number from {least} to {most}.");
        return null;
    }

    /// <summary>A list of texts that mean something, without those that can't be read.</summary>
    public IReadOnlyList<T> List<T>(string name, int most, Func<string, Parsed<T>> parse, bool takesEmpty = false)
        where T : notnull
    {
        var items = new List<T>();
        foreach (var (item, at) in Items(name, most))
        {
            if (item.ValueKind != JsonValueKind.String)
                problems.Add(at, $"is {Kind(item)}; write a text, in quotes where it looks like something else.");
            else if (Check(at, takesEmpty && item.ValueEquals("") ? parse("") : Bounded(item.GetString()!, parse)) is { IsValid: true, Value: var value })
                items.Add(value);
        }

        return items;
    }

    /// <summary>A list of words of an enumeration.</summary>
    public IReadOnlyList<T> Choices<T>(string name)
        where T : struct, Enum
    {
        var words = List(name, Enum.GetNames<T>().Length, Word<T>);
        if (problems.Catalogue is { } catalogue)
            catalogue[Below(name)] = Enum.GetNames<T>();
        if (words.Distinct().Count() < words.Count)
            problems.Add(Below(name), "has a word twice; write it once.");
        if (Pods.JsonShape.Member(json, name) is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() == 0)
            problems.Add(Below(name), "is empty; write at least one, or leave it out.");
        return words;
    }

    /// <summary>A list of objects.</summary>
    public IReadOnlyList<T> Objects<T>(string name, int most, Func<Fields, JsonElement, T?> read)
        where T : class
    {
        var items = new List<T>();
        foreach (var (item, at) in Items(name, most))
        {
            if (item.ValueKind != JsonValueKind.Object)
                problems.Add(at, $"is {Kind(item)}; write an object.");
            else if (read(Item(item, at), item) is { } value)
                items.Add(value);
        }

        if (problems.Catalogue is not null)
            read(Item(default, Below(name) + "[]"), default);
        return items;
    }

    /// <summary>An object whose fields have names of the user's own and are all texts.</summary>
    public IEnumerable<(string Key, string Value, string Path)> Map(string name)
    {
        var map = Take(name, JsonValueKind.Object, "an object");
        if (map.ValueKind == JsonValueKind.Undefined)
            yield break;
        foreach (var member in map.EnumerateObject())
        {
            var at = $"{Below(name)}[{member.Name}]";
            if (member.Value.ValueKind == JsonValueKind.String)
                yield return (member.Name, member.Value.GetString()!, at);
            else
                problems.Add(at, $"is {Kind(member.Value)}; write a text, in quotes where it looks like something else.");
        }
    }

    /// <summary>Tells of a field that must be there and is not.</summary>
    public T? Required<T>(string name, T? value, string advice)
    {
        if (IsPresent && value is null && problems.NoneAt(Below(name)))
            problems.Add(Below(name), $"is missing; {advice}.");
        return value;
    }

    /// <summary>Tells of a field.</summary>
    public void Wrong(string name, string sentence) => problems.Add(Below(name), sentence);

    /// <summary>Leaves the rest of it to the API server: here fields that nobody looked for are no concern of ours.</summary>
    public Fields Open()
    {
        _isOpen = true;
        return this;
    }

    /// <summary>Tells of fields that nobody looked for, here and further below.</summary>
    public void Close()
    {
        if (!IsPresent)
            return;
        foreach (var member in json.EnumerateObject())
        {
            if (!_isOpen && !_known.Contains(member.Name))
                problems.Add(Below(member.Name), $"is not known; {NearestName.Advice(member.Name, _known)}");
        }

        foreach (var child in _children)
            child.Close();
    }

    /// <summary>One word of an enumeration, in any case.</summary>
    private static Parsed<T> Word<T>(string text)
        where T : struct, Enum =>
        !char.IsAsciiDigit(text[0]) && Enum.TryParse<T>(text, ignoreCase: true, out var word) && Enum.IsDefined(word)
            ? word
            : Parsed<T>.Wrong($"is {Quoted.Text(text)}; {NearestName.Advice(text, Enum.GetNames<T>())}");

    private string? TextOf(string name)
    {
        var value = Take(name, JsonValueKind.String, "a text, in quotes where it looks like something else");
        if (value.ValueKind == JsonValueKind.Undefined)
            return null;
        var bounded = Check(Below(name), Bounded<string>(value.GetString()!, text => text));
        return bounded.Value;
    }

    private static Parsed<T> Bounded<T>(string text, Func<string, Parsed<T>> parse)
        where T : notnull => text.Length switch
        {
            0 => Parsed<T>.Wrong("is empty; fill it or leave it out."),
            > LongestText => Parsed<T>.Wrong($"has {text.Length} characters, and at most {LongestText} are taken."),
            _ => parse(text),
        };

    private Parsed<T> Check<T>(string at, Parsed<T> parsed)
        where T : notnull
    {
        if (!parsed.IsValid)
            problems.Add(at, parsed.Error);
        return parsed;
    }

    private IEnumerable<(JsonElement Item, string Path)> Items(string name, int most)
    {
        var list = Take(name, JsonValueKind.Array, "a list");
        if (list.ValueKind == JsonValueKind.Undefined)
            return [];
        if (list.GetArrayLength() <= most)
            return list.EnumerateArray().Select((item, i) => (item, $"{Below(name)}[{i}]"));
        problems.Add(Below(name), $"has {list.GetArrayLength()} entries, and at most {most} are taken.");
        return [];
    }

    private Fields Item(JsonElement item, string at)
    {
        var fields = new Fields(item, at, problems);
        _children.Add(fields);
        return fields;
    }

    /// <summary>The value, if it is of the kind; null in JSON is as good as absent, as it is for Kubernetes.</summary>
    private JsonElement Take(string name, JsonValueKind kind, string form)
    {
        var value = Anything(name);
        if (value.ValueKind == kind || value.ValueKind == JsonValueKind.Undefined)
            return value;
        problems.Add(Below(name), $"is {Kind(value)}; write {form}.");
        return default;
    }

    private string Below(string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => $"a boolean ({value.GetRawText()})",
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        _ => "null",
    };
}
