using System.Text.Json;
using System.Text.Json.Nodes;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Injection;

/// <summary>
/// The credentials in an <c>envFrom</c>, key by key. Whoever may write the Secret would otherwise choose every variable of the fetcher, the address
/// of the Hub and what the loader preloads among them; where others read the cache, only the keys that are credentials are taken.
/// </summary>
internal static class CredentialKeys
{
    /// <summary>The variables that the entry would set; a key that is missing sets none.</summary>
    public static IEnumerable<EnvVariable> Of(JsonElement entry)
    {
        var prefix = JsonShape.Text(entry, "prefix") ?? "";
        var (from, name) = JsonShape.Text(JsonShape.Object(entry, "secretRef"), "name") is { } secret
            ? ("secretKeyRef", secret)
            : ("configMapKeyRef", JsonShape.Text(JsonShape.Object(entry, "configMapRef"), "name"));
        if (name is null)
            yield break;
        foreach (var variable in InheritedNames.Credentials)
        {
            if (variable.StartsWith(prefix, StringComparison.Ordinal) && variable.Length > prefix.Length)
                yield return Key(variable, from, name, variable[prefix.Length..]);
        }
    }

    /// <summary>The credentials of a Secret.</summary>
    public static IEnumerable<EnvVariable> OfSecret(string name) =>
        InheritedNames.Credentials.Select(variable => Key(variable, "secretKeyRef", name, variable));

    /// <summary>Whether the variable may turn out not to be set, since its key may be missing.</summary>
    public static bool IsOptional(EnvVariable variable)
    {
        var from = JsonShape.Object(variable.Json ?? default, "valueFrom");
        return JsonShape.Member(JsonShape.Object(from, "secretKeyRef"), "optional").ValueKind == JsonValueKind.True
            || JsonShape.Member(JsonShape.Object(from, "configMapKeyRef"), "optional").ValueKind == JsonValueKind.True;
    }

    private static EnvVariable Key(string variable, string from, string name, string key)
    {
        var json = new JsonObject
        {
            ["name"] = variable,
            ["valueFrom"] = new JsonObject { [from] = new JsonObject { ["name"] = name, ["key"] = key, ["optional"] = true } },
        };
        return new EnvVariable(variable, null, JsonElement.Parse(json.ToJsonString()));
    }
}
