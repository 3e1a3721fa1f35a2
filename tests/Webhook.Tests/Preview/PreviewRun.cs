using System.Text;
using System.Text.Json.Nodes;
using Stevedore.Contract;
using Stevedore.Webhook.Admission;
using Stevedore.Webhook.Commands;
using Stevedore.Webhook.Injection;
using Stevedore.Webhook.Preview;
using Stevedore.Webhook.Yaml;

namespace Stevedore.Webhook.Tests.Preview;

/// <summary>A preview of a text, with an injection that answers what the test wants.</summary>
internal sealed class PreviewRun : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    /// <summary>What the injection answers: by default it adds a variable and an annotation.</summary>
    public PodAnswer Answer { get; set; } = Injected(
        """[{"op":"add","path":"/spec/containers/0/env","value":[{"name":"A","value":"1"}]},{"op":"add","path":"/metadata/annotations/stevedore.dev~1status","value":"{}"}]""");

    public List<PodRequest> Asked { get; } = [];

    public string Output => _output.ToString();

    public string Error => _error.ToString();

    public static PodAnswer Injected(string patch) => new(PodOutcome.Injected, "None", null, [], Encoding.UTF8.GetBytes(patch));

    public static JsonNode ReadOne(string text) => YamlDocuments.Read(new StringReader(text)).Single();

    public ExitCode Run(string text, PreviewOutput output = PreviewOutput.Yaml, Door door = Door.Explicit, PodDecision? decide = null)
    {
        _output.GetStringBuilder().Clear();
        var settings = new PreviewSettings(
            "-", door, "elsewhere", new Dictionary<string, string> { ["team"] = "search" }, output, new InjectionSettings("stevedore/fetcher:test"));
        return new Previewer(decide ?? Decide, settings, new Terminal(new StringReader(text), _output, _error)).Run();
    }

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    private PodAnswer Decide(PodRequest request)
    {
        Asked.Add(request);
        return Answer;
    }
}
