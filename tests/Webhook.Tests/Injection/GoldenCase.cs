using System.Text.Json.Nodes;
using Stevedore.Webhook.Injection;
using Stevedore.Webhook.Policies;
using Stevedore.Webhook.Tests.Policies;
using Stevedore.Webhook.Yaml;

namespace Stevedore.Webhook.Tests.Injection;

/// <summary>What goes into a case of the golden folder; <see cref="GoldenTests"/> says how it is written.</summary>
internal sealed record GoldenCase(JsonNode Pod, Door Door, IReadOnlyDictionary<string, string> Labels, PolicySet Policies, InjectionSettings Settings)
{
    public InjectedPod Inject(JsonNode pod) => InjectedPod.From(pod, Door, Labels, Policies, new PodInjector(Settings));

    public static GoldenCase Read(string folder)
    {
        var review = Path.Combine(folder, "in.json");
        var pod = File.Exists(review)
            ? JsonNode.Parse(File.ReadAllText(review))!["request"]!["object"]!
            : YamlDocuments.Read(new StringReader(File.ReadAllText(Path.Combine(folder, "in.yaml")))).Single();
        var policy = Path.Combine(folder, "policy.yaml");
        var policies = PolicyText.Read(File.Exists(policy) ? File.ReadAllText(policy) : "");
        if (File.Exists(policy))
            policies.Problems.Should().BeEmpty();
        var request = Path.Combine(folder, "request.json");
        var how = File.Exists(request) ? JsonNode.Parse(File.ReadAllText(request))! : new JsonObject();
        return new GoldenCase(
            pod.DeepClone(),
            Enum.Parse<Door>((string?)how["door"] ?? nameof(Door.Explicit)),
            how["namespaceLabels"]?.AsObject().ToDictionary(label => label.Key, label => (string)label.Value!) ?? InjectedPod.Unlabelled,
            new PolicySet(policies.Policies),
            InjectedPod.Settings with { ServerVersion = (string?)how["serverVersion"] is { } version ? Version.Parse(version) : null });
    }
}
