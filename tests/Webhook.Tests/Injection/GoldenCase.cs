using System.Text.Json.Nodes;
using Stevedore.Webhook.Injection;
using Stevedore.Webhook.Policies;
using Stevedore.Webhook.Tests.Policies;
using Stevedore.Webhook.Yaml;

namespace Stevedore.Webhook.Tests.Injection;

/// <summary>
/// One folder: a recorded review (<c>in.json</c>) or a pod (<c>in.yaml</c>), how it came in (<c>request.json</c>, where it differs from the explicit
/// door and a server whose version nobody knows), the policies in force (<c>policy.yaml</c>, where there are any), and what must come of it:
/// <c>answer.json</c>, <c>patch.json</c>, <c>out.yaml</c>. The namespace is always "inference".
/// </summary>
internal sealed record GoldenCase(
    string Name, JsonNode Pod, Door Door, IReadOnlyDictionary<string, string> Labels, PolicySet Policies, PodInjector Injector)
{
    public static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Golden");

    public static TheoryData<string> Names => [.. Directory.GetDirectories(Folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    public InjectedPod Inject(JsonNode pod) => InjectedPod.From(pod, Door, Labels, Policies, Injector);

    /// <summary>The review that the API server would send for it.</summary>
    public JsonNode Review => Json("in.json") ?? JsonNode.Parse($$"""
        {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"{{Name}}","operation":"CREATE","namespace":"inference",
        "resource":{"group":"","version":"v1","resource":"pods"},"object":{{Pod.ToJsonString()}} } }
        """)!;

    /// <summary>A file of the folder; null where there is none.</summary>
    public JsonNode? Json(string file) => Text(file) is { } text ? JsonNode.Parse(text) : null;

    /// <inheritdoc cref="Json"/>
    public string? Text(string file) => Text(Name, file);

    public static GoldenCase Read(string name)
    {
        var review = Text(name, "in.json");
        var pod = review is not null
            ? JsonNode.Parse(review)!["request"]!["object"]!.DeepClone()
            : YamlDocuments.Read(new StringReader(Text(name, "in.yaml")!)).Single();
        var how = Text(name, "request.json") is { } request ? JsonNode.Parse(request)! : new JsonObject();
        return new GoldenCase(
            name,
            pod,
            Enum.Parse<Door>((string?)how["door"] ?? nameof(Door.Explicit)),
            how["namespaceLabels"]?.AsObject().ToDictionary(label => label.Key, label => (string)label.Value!) ?? InjectedPod.Unlabelled,
            Text(name, "policy.yaml") is { } policies ? new PolicySet(PolicyText.Read(policies) is { Problems: [] } read ? read.Policies : throw new FormatException(name)) : PolicySet.Empty,
            new PodInjector(InjectedPod.Settings, new FixedServerVersion((string?)how["serverVersion"] is { } version ? Version.Parse(version) : null)));
    }

    private static string? Text(string name, string file)
    {
        var path = Path.Combine(Folder, name, file);
        return File.Exists(path) ? File.ReadAllText(path) : null;
    }
}
