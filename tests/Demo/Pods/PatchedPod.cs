using System.Text.Json.Nodes;

namespace Stevedore.Demo.Pods;

/// <summary>A pod that came back from the webhook.</summary>
/// <param name="Json">The whole pod.</param>
internal sealed record PatchedPod(JsonNode Json)
{
    private const string FetchContainer = "stevedore-fetch";
    private const string Workload = "vllm";

    /// <summary>The container that fetches.</summary>
    public JsonNode Fetcher => Named("initContainers", FetchContainer);

    /// <summary>The container that serves the model.</summary>
    public JsonNode Vllm => Named("containers", Workload);

    /// <summary>The injected container's own arguments.</summary>
    public IReadOnlyList<string> FetcherArguments => Texts(Fetcher["args"]);

    /// <summary>The value that a container finds in its environment, or null.</summary>
    public static string? Variable(JsonNode container, string name) => (container["env"] as JsonArray)?
        .FirstOrDefault(variable => variable!["name"]!.GetValue<string>() == name)?["value"]?.GetValue<string>();

    /// <summary>All variables of a container that are given as plain values.</summary>
    public static Dictionary<string, string> Variables(JsonNode container) => (container["env"] as JsonArray ?? [])
        .Where(variable => variable!["value"] is not null)
        .ToDictionary(variable => variable!["name"]!.GetValue<string>(), variable => variable!["value"]!.GetValue<string>());

    private static IReadOnlyList<string> Texts(JsonNode? list) => [.. (list as JsonArray ?? []).Select(text => text!.GetValue<string>())];

    private JsonNode Named(string list, string name)
    {
        var found = (Json["spec"]![list] as JsonArray)?.FirstOrDefault(container => container!["name"]!.GetValue<string>() == name);
        Scene.Require(found is not null, $"The patched pod has no {name} in {list}: the webhook injected something else than it should.");
        return found;
    }
}
