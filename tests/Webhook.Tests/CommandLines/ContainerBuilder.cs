using System.Text.Json;
using System.Text.Json.Nodes;
using Stevedore.Webhook.CommandLines;
using Stevedore.Webhook.Pods;

namespace Stevedore.Webhook.Tests.CommandLines;

/// <summary>Reads a container that a test writes as JSON, the way the injector does.</summary>
internal static class ContainerBuilder
{
    public static Container Read(string containerJson)
    {
        var container = JsonNode.Parse(containerJson)!.AsObject();
        container.TryAdd("name", "vllm");
        var pod = new JsonObject { ["spec"] = new JsonObject { ["containers"] = new JsonArray(container) } };
        // Cloned, since the container outlives the document.
        using var document = JsonDocument.Parse(pod.ToJsonString());
        return PodReader.Read(document.RootElement.Clone()).OrThrow().Containers[0];
    }

    public static WorkloadCommand Command(string containerJson, bool isChosen = false)
    {
        var container = Read(containerJson);
        return WorkloadCommand.Of(container, new ContainerEnvironment(container), isChosen);
    }

    /// <summary>A container of vLLM's image whose command is <c>sh -c SCRIPT</c>.</summary>
    public static WorkloadCommand Script(string script, JsonArray? env = null) => Command(new JsonObject
    {
        ["command"] = new JsonArray("sh", "-c", script),
        ["env"] = env,
    }.ToJsonString());

    /// <summary>A container of vLLM's image with these arguments.</summary>
    public static WorkloadCommand Args(params string[] args) => Command(new JsonObject
    {
        ["image"] = "vllm/vllm-openai:v0.11.0",
        ["args"] = new JsonArray([.. args.Select(arg => (JsonNode)arg)]),
    }.ToJsonString());

    /// <summary>The models as <c>Role text@revision</c>, one a line.</summary>
    public static string Models(WorkloadCommand command) => string.Join(
        '\n',
        command.Lines.SelectMany(line => line.Models)
            .Select(model => $"{model.Role} {model.Text}{(model.Revision is { } revision ? "@" + revision : "")}"));
}
