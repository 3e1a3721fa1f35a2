using System.Net.Http.Headers;
using k8s;
using k8s.Models;
using Stevedore.Cluster.Tests.Manifests;
using Stevedore.Cluster.Tests.Support;

namespace Stevedore.Cluster.Tests.Real;

/// <summary>The webhook's RBAC against what it was seen to do: the replica of these tests runs under its ServiceAccount.</summary>
[Collection(InCluster.Name)]
public sealed class RightsTests(TestCluster cluster)
{
    private const string User = $"system:serviceaccount:{TestCluster.SystemNamespace}:{WebhookReplica.Account}";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [ClusterFact]
    public async Task Every_right_is_used_and_none_is_missing()
    {
        var granted = (await GrantedAsync()).ToHashSet();
        await using (await Policy.ApplyAsync(cluster, "rights", new { podSelector = new { matchLabels = new { nobody = "has-this" } } }))
        {
            // A policy that the webhook has not seen has no status yet.
        }

        await AskForAnUnknownNamespaceAsync();

        HashSet<Right> used = [];
        await Eventually.AsyncTrue(async () => (used = await UsedAsync()).IsSupersetOf(granted), $"the webhook used {string.Join("; ", granted.Except(used))}", Patience);
        used.Should().BeEquivalentTo(granted, "it does nothing that it was not granted");
        (await OfTheWebhookAsync()).Where(entry => entry.ResponseStatus?.Code is 401 or 403).Should().BeEmpty();
    }

    /// <summary>What it should not be able to do, asked of the API server's own authorizer.</summary>
    [ClusterTheory]
    [InlineData("get", "", "secrets", "kube-system", "anything")]
    [InlineData("list", "", "secrets", TestCluster.SystemNamespace, "")]
    [InlineData("create", "", "secrets", TestCluster.SystemNamespace, "")]
    [InlineData("get", "", "pods", "default", "")]
    [InlineData("update", "", "namespaces", "", "default")]
    [InlineData("patch", "admissionregistration.k8s.io", "mutatingwebhookconfigurations", "", "another")]
    [InlineData("patch", "stevedore.dev", "modelcachepolicies", "", "")]
    public async Task What_is_nobodys_business_of_a_webhook_is_forbidden(string verb, string group, string resource, string place, string name)
    {
        var review = await cluster.Client.AuthorizationV1.CreateSubjectAccessReviewAsync(new V1SubjectAccessReview
        {
            Spec = new V1SubjectAccessReviewSpec
            {
                User = User,
                Groups = ["system:serviceaccounts", $"system:serviceaccounts:{TestCluster.SystemNamespace}", "system:authenticated"],
                ResourceAttributes = new V1ResourceAttributes { Verb = verb, Group = group, Resource = resource, NamespaceProperty = place, Name = name },
            },
        });
        review.Status.Allowed.Should().BeFalse();
    }

    private static async Task<IEnumerable<Right>> GrantedAsync()
    {
        var objects = (await Manifest.BuildAsync(".")).Select(KnownKinds.Read).ToList();
        var rules = objects.OfType<V1ClusterRole>().Select(role => ("", role.Rules))
            .Concat(objects.OfType<V1Role>().Select(role => (role.Metadata.NamespaceProperty, role.Rules)));
        return from role in rules
               from rule in role.Rules
               from verb in rule.Verbs
               from resource in rule.Resources
               from name in rule.ResourceNames ?? [""]
               select new Right(verb, rule.ApiGroups.Single(), resource, role.Item1, name);
    }

    private async Task<HashSet<Right>> UsedAsync() => (await OfTheWebhookAsync()).Where(entry => entry.ObjectRef?.Resource is not null).Select(RightOf).ToHashSet();

    private async Task<IEnumerable<AuditEvent>> OfTheWebhookAsync() => (await cluster.Plane.Audit.AllAsync()).Where(entry => entry.User.Username == User);

    /// <summary>What has to be granted for a request; the name counts only where a rule of ours is bound to one.</summary>
    private static Right RightOf(AuditEvent entry)
    {
        var about = entry.ObjectRef!;
        var resource = about.Subresource is null ? about.Resource! : $"{about.Resource}/{about.Subresource}";
        var isByName = resource is "secrets" or "mutatingwebhookconfigurations";

        // Of a namespace its own name stands as the namespace of the request, too.
        return new Right(entry.Verb, about.ApiGroup ?? "", resource, resource == "namespaces" ? "" : about.Namespace ?? "", isByName ? about.Name ?? "" : "");
    }

    /// <summary>As when a pod is created right after its namespace: the watch has not brought it yet.</summary>
    private async Task AskForAnUnknownNamespaceAsync()
    {
        using var client = Trust.ClientOf(cluster.Webhook, await Trust.BundleAsync(cluster));
        const string Review = """
            {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "1", "operation": "CREATE", "namespace": "not-there-yet",
             "resource": {"group": "", "version": "v1", "resource": "pods"}, "object": {"apiVersion": "v1", "kind": "Pod",
             "metadata": {"name": "llm", "annotations": {"stevedore.dev/model": "hf://Qwen/Qwen3-8B"}},
             "spec": {"containers": [{"name": "vllm", "image": "vllm/vllm-openai:v0.11.0"}]}}}}
            """;
        using var content = new StringContent(Review, MediaTypeHeaderValue.Parse("application/json"));
        using var answer = await client.PostAsync(new Uri("/mutate/explicit", UriKind.Relative), content);
        answer.IsSuccessStatusCode.Should().BeTrue();
    }

    private sealed record Right(string Verb, string Group, string Resource, string Namespace, string Name);
}
