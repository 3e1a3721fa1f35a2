using System.Text.Json;
using Stevedore.Contract;

namespace Stevedore.Webhook.Pods;

/// <summary>
/// What decides whether a pod is looked at at all. Read first, so that the many pods that nobody asked to inject cost little.
/// </summary>
internal sealed record PodHeader
{
    /// <summary>The prefix of everything that users write for us.</summary>
    public const string Prefix = "stevedore.dev/";

    /// <summary>Our annotations by their names behind the prefix.</summary>
    public required IReadOnlyDictionary<string, string> Annotations { get; init; }

    /// <summary>All of its labels that are strings, as every label of a stored pod is.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>The label <c>stevedore.dev/inject</c>; null where the pod does not carry it.</summary>
    public string? InjectLabel { get; init; }

    /// <summary>The API server's picture of a static pod: it may not be changed.</summary>
    public bool IsMirror { get; init; }

    /// <summary>Whether the pod says that it runs on Windows.</summary>
    public bool IsWindows { get; init; }

    /// <summary>Which of our annotations, or the label, is not a string, as a sentence names it; null when all are.</summary>
    public string? Fault { get; init; }

    /// <summary>Whether the pod asks by itself, with the annotation <c>model</c> or the label.</summary>
    public bool Asks => (Annotations.TryGetValue("model", out var model) && (Fault is not null || !string.IsNullOrWhiteSpace(model))) || IsTrue(InjectLabel);

    /// <summary>Whether the pod refuses by itself.</summary>
    public bool OptsOut => IsFalse(InjectLabel) || (Annotations.TryGetValue("inject", out var inject) && IsFalse(inject));

    /// <summary>Reads the header.</summary>
    public static Parsed<PodHeader> Read(JsonElement pod) => JsonShape.Guard<PodHeader>(() =>
    {
        var metadata = JsonShape.Object(pod, "metadata");
        var annotations = new Dictionary<string, string>();
        string? fault = null;
        var mirror = false;
        foreach (var property in JsonShape.Properties(metadata, "annotations"))
        {
            if (property.NameEquals("kubernetes.io/config.mirror"))
                mirror = true;
            var name = property.Name;
            if (!name.StartsWith(Prefix, StringComparison.Ordinal))
                continue;
            if (property.Value.ValueKind == JsonValueKind.String)
                annotations[name[Prefix.Length..]] = property.Value.GetString()!;
            else
                (annotations[name[Prefix.Length..]], fault) = ("", "annotation " + name);
        }

        var labels = new Dictionary<string, string>();
        foreach (var property in JsonShape.Properties(metadata, "labels"))
        {
            if (property.Value.ValueKind == JsonValueKind.String)
                labels[property.Name] = property.Value.GetString()!;
        }

        var inject = JsonShape.Member(JsonShape.Object(metadata, "labels"), Prefix + "inject");
        if (inject.ValueKind is JsonValueKind.True or JsonValueKind.False)
            fault ??= $"label {Prefix}inject";

        var spec = JsonShape.Object(pod, "spec");
        var selector = JsonShape.Object(spec, "nodeSelector");
        return new PodHeader
        {
            Annotations = annotations,
            Labels = labels,
            Fault = fault,
            InjectLabel = inject.ValueKind switch
            {
                JsonValueKind.String => inject.GetString(),
                JsonValueKind.True => "true",
                JsonValueKind.False => "false",
                _ => null,
            },
            IsMirror = mirror,
            IsWindows = IsWindowsName(JsonShape.Text(JsonShape.Object(spec, "os"), "name"))
                || IsWindowsName(JsonShape.Text(selector, "kubernetes.io/os"))
                || IsWindowsName(JsonShape.Text(selector, "beta.kubernetes.io/os")),
        };
    });

    private static bool IsTrue(string? text) => string.Equals(text?.Trim(), "true", StringComparison.OrdinalIgnoreCase);

    private static bool IsFalse(string? text) => string.Equals(text?.Trim(), "false", StringComparison.OrdinalIgnoreCase);

    private static bool IsWindowsName(string? os) => string.Equals(os, "windows", StringComparison.OrdinalIgnoreCase);
}
