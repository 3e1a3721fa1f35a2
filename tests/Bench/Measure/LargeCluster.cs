using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Stevedore.Webhook.Cluster;
using Stevedore.Webhook.Policies;

namespace Stevedore.Bench.Measure;

/// <summary>
/// What the watches of a large cluster keep: namespaces with the labels that such have, and policies of which most are for a team, some for a tier or a
/// name, some for whatever is left. A pod's team is found by its namespace.
/// </summary>
internal sealed class LargeCluster
{
    public static readonly Dictionary<string, string> PodLabels = new() { ["app"] = "vllm", ["pod-template-hash"] = "5d8c7b6f4" };

    private readonly int _namespaces;
    private readonly int _policies;
    private readonly string[] _names;
    private readonly ClusterNamespaces _places;
    private readonly ClusterPolicies _set = new(NullLogger<ClusterPolicies>.Instance);

    public LargeCluster(int seed, int namespaces, int policies)
    {
        (_namespaces, _policies) = (namespaces, policies);
        _places = new ClusterNamespaces(new NamespaceObjects(null!), TimeProvider.System);
        _names = [.. Enumerable.Range(0, namespaces).Select(i => $"team-{i % policies}-project-{i}")];
        new Random(seed).Shuffle(_names);
    }

    /// <summary>The policies in force.</summary>
    public PolicySet Policies => _set.Current;

    /// <summary>Lists everything.</summary>
    public void Fill()
    {
        _places.Replace([.. Enumerable.Range(0, _namespaces).Select(i => Namespace(i, "1"))]);
        _set.Replace([.. Enumerable.Range(0, _policies).Select(i => Policy(i, 1))]);
    }

    public string NamespaceAt(int i) => _names[i % _names.Length];

    /// <summary>The labels, which are known: nobody is asked.</summary>
    public IReadOnlyDictionary<string, string> LabelsOf(string place)
    {
        var labels = _places.OfAsync(place, CancellationToken.None);
        return labels.IsCompletedSuccessfully ? labels.Result : throw new InvalidOperationException($"{place} is not among the namespaces.");
    }

    /// <summary>One policy has a new generation.</summary>
    public void ChangePolicy(int i) => _set.Set(Policy(i % _policies, 2 + i));

    /// <summary>One namespace has a new label.</summary>
    public void ChangeNamespace(int i) => _places.Set(Namespace(i % _namespaces, $"{i}"));

    private ClusterObject<IReadOnlyDictionary<string, string>> Namespace(int i, string version) => new(
        $"team-{i % _policies}-project-{i}",
        version,
        new Dictionary<string, string>
        {
            ["kubernetes.io/metadata.name"] = $"team-{i % _policies}-project-{i}",
            ["pod-security.kubernetes.io/enforce"] = "restricted",
            ["example.com/team"] = $"team-{i % _policies}",
            ["example.com/tier"] = (i % 3) switch { 0 => "gold", 1 => "silver", _ => "iron" },
            ["stevedore.dev/inject"] = "enabled",
            ["version"] = version,
        });

    private static ClusterObject<JsonElement> Policy(int i, long generation)
    {
        var selector = (i % 10) switch
        {
            0 => $$"""{"matchLabels":{"kubernetes.io/metadata.name":"team-{{i}}-project-{{i}}"} }""",
            1 => $$"""{"matchExpressions":[{"key":"example.com/tier","operator":"In","values":["gold","silver"]},{"key":"example.com/team","operator":"NotIn","values":["team-{{i}}"]}]}""",
            2 => """{"matchExpressions":[{"key":"example.com/quarantine","operator":"Exists"}]}""",
            _ => $$"""{"matchLabels":{"example.com/team":"team-{{i}}"} }""",
        };
        var json = $$"""
            {"apiVersion":"stevedore.dev/v1alpha1","kind":"ModelCachePolicy","metadata":{"name":"policy-{{i}}","uid":"{{i}}","generation":{{generation}},"resourceVersion":"{{generation}}"},
             "spec":{"priority":{{(i % 10 == 1 ? -1 : i % 7)}} ,"namespaceSelector":{{selector}},"podSelector":{"matchExpressions":[{"key":"example.com/batch","operator":"DoesNotExist"}]},
             "models":{"deny":["hf://evil/*"]},"allowedStrategies":["Local"],"volumes":{"Local":{"emptyDir":{"sizeLimit":"200Gi"} } },"fetcher":{"connections":16} } }
            """;
        return new ClusterObject<JsonElement>($"policy-{i}", $"{generation}", JsonElement.Parse(json));
    }
}
