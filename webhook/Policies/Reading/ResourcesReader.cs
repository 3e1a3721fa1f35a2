using System.Text.Json;
using Stevedore.Contract;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Policies.Reading;

/// <summary>Reads <c>fetcher.resources</c>: the word <c>auto</c>, or a ResourceRequirements that is passed on as it is written.</summary>
internal static class ResourcesReader
{
    private const string Name = "resources";

    /// <summary>Reads it; null is <c>auto</c>.</summary>
    public static JsonElement? Read(Fields fetcher, PolicyProblems problems)
    {
        var value = fetcher.Anything(Name);
        switch (value.ValueKind)
        {
            case JsonValueKind.Undefined:
            case JsonValueKind.String when string.Equals(value.GetString(), "auto", StringComparison.OrdinalIgnoreCase):
                return null;
            case JsonValueKind.Object:
                Check(new Fields(value, $"{fetcher.Path}.{Name}", problems), problems);
                return value.Clone();
            default:
                fetcher.Wrong(Name, "is neither auto nor an object; write auto, or {requests: {…}, limits: {…}}.");
                return null;
        }
    }

    private static void Check(Fields resources, PolicyProblems problems)
    {
        var requests = Amounts(resources, "requests", problems);
        var limits = Amounts(resources, "limits", problems);
        foreach (var (name, amount) in requests)
        {
            if (limits.TryGetValue(name, out var limit) && amount > limit)
                problems.Add($"{resources.Path}.requests.{name}", "is more than its limit, and Kubernetes would refuse every pod; lower it.");
        }

        resources.Anything("claims");
        resources.Close();
    }

    private static Dictionary<string, decimal> Amounts(Fields resources, string kind, PolicyProblems problems)
    {
        var amounts = new Dictionary<string, decimal>();
        if (resources.Verbatim(kind) is not { } written)
            return amounts;
        foreach (var member in written.EnumerateObject())
        {
            var text = member.Value.ValueKind switch
            {
                JsonValueKind.String => member.Value.GetString()!,
                JsonValueKind.Number => member.Value.GetRawText(),
                _ => "",
            };
            if (Quantity.TryParse(text, out var amount))
                amounts[member.Name] = amount;
            else
                problems.Add($"{resources.Path}.{kind}.{member.Name}", $"is {Quoted.Text(text)}; write a quantity such as 500m or 2Gi.");
        }

        return amounts;
    }
}
