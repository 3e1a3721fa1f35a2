using System.Runtime.InteropServices;
using System.Text.Json;
using Stevedore.Contract;

namespace Stevedore.Webhook.Pods;

/// <summary>Looking into JSON that may have any shape: what is absent, null or of another kind gives nothing, never an exception.</summary>
internal static class JsonShape
{
    /// <summary>
    /// Runs a reader over JSON from outside. An escape such as <c>\ud800</c> is valid JSON and no valid text: System.Text.Json throws
    /// wherever it has to give it as a string, and that one exception becomes a sentence here.
    /// </summary>
    public static Parsed<T> Guard<T>(Func<Parsed<T>> read)
        where T : notnull
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return Parsed<T>.Wrong("The pod contains text with half a surrogate pair, such as \\ud800 alone; write the whole character.");
        }
    }

    /// <summary>The element, once all text in it was read: what is copied into a patch must not fail there.</summary>
    /// <exception cref="InvalidOperationException">See <see cref="Guard"/>.</exception>
    public static JsonElement Readable(JsonElement element)
    {
        if (JsonMarshal.GetRawUtf8Value(element).IndexOf("\\u"u8) >= 0)
            ReadAll(element);
        return element;
    }

    /// <summary>The member; undefined where it is absent or null, or where the parent is no object.</summary>
    public static JsonElement Member(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null
            ? member
            : default;

    /// <summary>The member that is an object; undefined else.</summary>
    public static JsonElement Object(JsonElement parent, string name) =>
        Member(parent, name) is { ValueKind: JsonValueKind.Object } member ? member : default;

    /// <summary>The member that is a string; null else.</summary>
    public static string? Text(JsonElement parent, string name) =>
        Member(parent, name) is { ValueKind: JsonValueKind.String } member ? member.GetString() : null;

    /// <summary>The properties of the member that is an object; none else.</summary>
    public static JsonElement.ObjectEnumerator Properties(JsonElement parent, string name) =>
        Object(parent, name) is { ValueKind: JsonValueKind.Object } member ? member.EnumerateObject() : default;

    private static void ReadAll(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                    ReadAll(item);
                break;
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    _ = property.Name;
                    ReadAll(property.Value);
                }

                break;
        }
    }
}
