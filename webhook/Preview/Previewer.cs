using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Stevedore.Contract;
using Stevedore.Webhook.Admission;
using Stevedore.Webhook.Commands;
using Stevedore.Webhook.Yaml;

namespace Stevedore.Webhook.Preview;

/// <summary>
/// The mutation without a cluster: a file in, what the API server would store out. One document gives one object; several give documents
/// (YAML) or a <c>List</c> (JSON). Where a pod is denied nothing is printed, so that a pipe into <c>kubectl</c> creates nothing either.
/// </summary>
internal sealed class Previewer(PodDecision decide, PreviewSettings settings, Terminal console)
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = YamlDocuments.MaxDepth + 2,
    };

    /// <summary>Runs it.</summary>
    public ExitCode Run()
    {
        IReadOnlyList<JsonNode> documents;
        List<KubernetesObject> objects;
        try
        {
            documents = Read();
            objects = [.. documents.SelectMany((document, index) => KubernetesObject.In(document, $"Document {index + 1}"))];
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            console.Tell($"{(settings.File == "-" ? "standard input" : settings.File)}: {e.Message}");
            return ExitCode.Usage;
        }

        var injection = new ObjectInjection(decide, settings);
        var previewed = objects.ConvertAll(injection.Inject);
        foreach (var message in previewed.SelectMany(p => p.Messages))
            console.Tell(message);
        if (previewed.Exists(p => p.IsDenied))
            return ExitCode.WrongContent;
        console.Output.Write(Text(documents, previewed));
        return ExitCode.Done;
    }

    private IReadOnlyList<JsonNode> Read()
    {
        using var file = settings.File == "-" ? null : new StreamReader(settings.File, Terminal.Utf8);
        try
        {
            return YamlDocuments.Read(file ?? console.Input);
        }
        catch (DecoderFallbackException e)
        {
            throw new FormatException("This is not UTF-8 text, as YAML and JSON must be.", e);
        }
    }

    private string Text(IReadOnlyList<JsonNode> documents, List<PreviewedObject> previewed) => settings.Output switch
    {
        PreviewOutput.Yaml => YamlDocuments.Write(documents),
        PreviewOutput.Json => Json(documents is [var one] ? one : List(documents)),
        _ => Json(previewed is [var one] ? one.Patch : Patches(previewed)),
    };

    private static string Json(JsonNode node) => $"{node.ToJsonString(Readable)}\n";

    private static JsonObject List(IEnumerable<JsonNode> documents) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "List",
        ["items"] = new JsonArray([.. documents.Select(d => d.DeepClone())]),
    };

    /// <summary>One entry an object, in order: <c>{"object": {apiVersion, kind, namespace, name}, "patch": […]}</c>.</summary>
    private static JsonArray Patches(IEnumerable<PreviewedObject> previewed) =>
        new([.. previewed.Select(p => new JsonObject { ["object"] = p.Object.Identity, ["patch"] = p.Patch })]);
}
