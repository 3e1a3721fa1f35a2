using System.Runtime.InteropServices;
using System.Text.Json;

namespace Stevedore.Webhook.Injection;

/// <summary>The operations of a JSON Patch (RFC 6902). There is only <c>add</c>.</summary>
internal sealed class PatchWriter(Utf8JsonWriter json)
{
    /// <summary>Where values are written.</summary>
    public Utf8JsonWriter Json => json;

    /// <summary>Adds one value.</summary>
    public void Add(string pointer, Action write)
    {
        json.WriteStartObject();
        json.WriteString("op", "add");
        json.WriteString("path", pointer);
        json.WritePropertyName("value");
        write();
        json.WriteEndObject();
    }

    /// <summary>Adds a text.</summary>
    public void Add(string pointer, string text) => Add(pointer, () => json.WriteStringValue(text));

    /// <summary>Adds the parent of what follows.</summary>
    public void AddEmptyObject(string pointer) => Add(pointer, () =>
    {
        json.WriteStartObject();
        json.WriteEndObject();
    });

    /// <summary>Adds items one by one, or all in one where the list itself is missing.</summary>
    public void AddToList<T>(string pointer, bool isThere, IReadOnlyList<T> items, Action<T> write, string at = "-")
    {
        if (items.Count == 0)
            return;
        if (!isThere)
        {
            Add(pointer, () => WriteItems(items, write));
            return;
        }

        foreach (var item in items)
            Add($"{pointer}/{at}", () => write(item));
    }

    /// <summary>Writes a member that is a list; none where it is empty.</summary>
    public void WriteList<T>(string name, IReadOnlyList<T> items, Action<T> write)
    {
        if (items.Count == 0)
            return;
        json.WritePropertyName(name);
        WriteItems(items, write);
    }

    /// <summary>As it was written, so that no field and no digit is lost; the reader has parsed it, so it is valid.</summary>
    public void WriteVerbatim(JsonElement value) => json.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);

    private void WriteItems<T>(IReadOnlyList<T> items, Action<T> write)
    {
        json.WriteStartArray();
        foreach (var item in items)
            write(item);
        json.WriteEndArray();
    }
}
