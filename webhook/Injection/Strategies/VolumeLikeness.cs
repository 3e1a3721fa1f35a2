using System.Text.Json;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Injection.Strategies;

/// <summary>
/// Whether a volume of a pod is one that was planned, although the API server has been at it in between: it fills in defaults, leaves out what is
/// empty, and writes quantities in its own way. Anything else that differs makes it another volume.
/// </summary>
internal static class VolumeLikeness
{
    /// <summary>k8s.io/kubernetes/pkg/apis/core/v1/defaults.go and zz_generated.defaults.go, for volume sources.</summary>
    private static readonly HashSet<(string Name, string Json)> Defaults =
    [
        ("defaultMode", "420"), ("type", "\"\""), ("apiVersion", "\"v1\""), ("volumeMode", "\"Filesystem\""), ("pullPolicy", "\"IfNotPresent\""),
        ("pullPolicy", "\"Always\""), ("iscsiInterface", "\"default\""), ("pool", "\"rbd\""), ("user", "\"admin\""), ("keyring", "\"/etc/ceph/keyring\""),
        ("cachingMode", "\"ReadWrite\""), ("fsType", "\"ext4\""), ("fsType", "\"xfs\""), ("kind", "\"Shared\""), ("readOnly", "false"),
        ("storageMode", "\"ThinProvisioned\""), ("expirationSeconds", "3600"),
    ];

    private static readonly HashSet<string> Quantities = ["sizeLimit", "storage"];

    /// <summary>Compares.</summary>
    public static bool IsSame(Volume there, PlannedVolume planned)
    {
        var members = there.Json.EnumerateObject().Where(member => !member.NameEquals("name")).ToList();
        return members is [var only] && only.NameEquals(planned.Source.Kind)
            && IsSame(only.Name, only.Value, planned.Source.Json.GetProperty(planned.Source.Kind));
    }

    private static bool IsSame(string name, JsonElement there, JsonElement planned) => (there.ValueKind, planned.ValueKind) switch
    {
        (JsonValueKind.Object, JsonValueKind.Object) => IsSameObject(there, planned),
        (JsonValueKind.Array, JsonValueKind.Array) => there.GetArrayLength() == planned.GetArrayLength()
            && there.EnumerateArray().Zip(planned.EnumerateArray()).All(pair => IsSame(name, pair.First, pair.Second)),
        (JsonValueKind.String or JsonValueKind.Number, JsonValueKind.String or JsonValueKind.Number) when Quantities.Contains(name) =>
            Quantity.TryParse(Text(there), out var one) && Quantity.TryParse(Text(planned), out var other) && one == other,
        _ => JsonElement.DeepEquals(there, planned),
    };

    private static bool IsSameObject(JsonElement there, JsonElement planned)
    {
        foreach (var member in planned.EnumerateObject())
        {
            if (there.TryGetProperty(member.Name, out var value) ? !IsSame(member.Name, value, member.Value) : !IsEmpty(member.Value))
                return false;
        }

        return there.EnumerateObject().All(member =>
            planned.TryGetProperty(member.Name, out _) || IsEmpty(member.Value) || Defaults.Contains((member.Name, member.Value.GetRawText())));
    }

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.String => value.GetString() is "",
        JsonValueKind.Number => value.GetRawText() is "0",
        JsonValueKind.Object => value.EnumerateObject().All(member => IsEmpty(member.Value)),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        _ => false,
    };

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
