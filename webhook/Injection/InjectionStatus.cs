using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Stevedore.Contract.References;
using Stevedore.Webhook.Policies;

namespace Stevedore.Webhook.Injection;

/// <summary>
/// The annotation <c>stevedore.dev/status</c>: what was given to the pod, for people and dashboards. Whoever writes pods can write it too, so
/// it is never read.
/// </summary>
internal static class InjectionStatus
{
    /// <summary>Its name behind the prefix.</summary>
    public const string AnnotationName = "status";

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The annotation's value, a compact JSON object.</summary>
    public static string Write(
        InjectionPolicy policy,
        Strategy strategy,
        IEnumerable<ModelReference> models,
        IEnumerable<string> containers,
        IEnumerable<string> volumes)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, Compact))
        {
            writer.WriteStartObject();
            writer.WriteString("policy", policy.Name);
            writer.WriteNumber("generation", policy.Generation);
            writer.WriteString("strategy", strategy.ToString());
            WriteList(writer, "models", models.Select(model => model.ToString()));
            WriteList(writer, "containers", containers);
            WriteList(writer, "volumes", volumes);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteList(Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }
}
