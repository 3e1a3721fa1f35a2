using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Stevedore.Cluster.Tests.Manifests;

namespace Stevedore.Cluster.Tests.Support;

/// <summary>
/// A cluster with Stevedore installed, for all tests of the collection: the manifests as they are, but for the Service, which nobody could reach here: the
/// API server calls the webhook's process by URL.
/// </summary>
public sealed class TestCluster : IAsyncLifetime
{
    internal const string SystemNamespace = "stevedore-system";

    private ControlPlane? _plane;
    private WebhookReplica? _webhook;
    private int _namespaces;

    internal ControlPlane Plane => _plane!;

    internal Kubernetes Client => Plane.Admin;

    internal WebhookReplica Webhook => _webhook!;

    public async ValueTask InitializeAsync()
    {
        if (Assets.Hindrance is not null)
            return;
        _plane = await ControlPlane.StartAsync();
        await KubectlAsync("apply", "-k", Manifest.Folder);
        await StartWebhookAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_webhook is not null)
            await _webhook.DisposeAsync();
        if (_plane is not null)
            await _plane.DisposeAsync();
    }

    /// <summary>Starts the webhook that all tests share, and waits until the API server has it inject.</summary>
    internal async Task StartWebhookAsync()
    {
        _webhook = await WebhookReplica.StartAsync(this);
        await AnswerAtAsync(_webhook.Port);
        await AwaitInjectionAsync();
    }

    /// <summary>Has the API server call the webhooks at a port of this machine.</summary>
    internal Task AnswerAtAsync(int port) => Client.AdmissionregistrationV1.PatchMutatingWebhookConfigurationAsync(
        new V1Patch(
            JsonSerializer.Serialize(new
            {
                webhooks = new[] { "explicit", "detected" }.Select(door => new
                {
                    name = $"{door}.stevedore.dev",
                    clientConfig = new { service = (object?)null, url = $"https://127.0.0.1:{port}/mutate/{door}" },
                }),
            }),
            V1Patch.PatchType.StrategicMergePatch),
        "stevedore-webhook");

    /// <summary>A token of a ServiceAccount, as a pod finds it mounted.</summary>
    internal async Task<string> TokenAsync(string place, string account) => (await Client.CoreV1.CreateNamespacedServiceAccountTokenAsync(
        new Authenticationv1TokenRequest { Spec = new V1TokenRequestSpec { ExpirationSeconds = 3600 } }, account, place)).Status.Token;

    /// <summary>Makes a namespace of its own for a test, with the ServiceAccount that a controller would make.</summary>
    internal async Task<string> NamespaceAsync(params (string Key, string Value)[] labels)
    {
        var name = $"test-{Interlocked.Increment(ref _namespaces)}";
        await Client.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = name, Labels = labels.ToDictionary(label => label.Key, label => label.Value) } });
        await AccountAsync(name);
        return name;
    }

    internal Task AccountAsync(string place, string name = "default") =>
        Client.CoreV1.CreateNamespacedServiceAccountAsync(new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = name } }, place);

    /// <summary>Creates a pod and tells all that came of it.</summary>
    internal async Task<Created> CreateAsync(V1Pod pod, string place, bool dryRun = false)
    {
        try
        {
            using var answer = await Client.CoreV1.CreateNamespacedPodWithHttpMessagesAsync(pod, place, dryRun: dryRun ? "All" : null);
            var warnings = answer.Response.Headers.TryGetValues("Warning", out var values) ? values.Select(Warning).ToList() : [];
            return new Created(answer.Body, warnings, null, (int)answer.Response.StatusCode, await AuditAsync(answer.Response.Headers.GetValues("Audit-Id")));
        }
        catch (HttpOperationException refused)
        {
            var status = KubernetesJson.Deserialize<V1Status>(refused.Response.Content);
            return new Created(null, [], status.Message, (int)refused.Response.StatusCode, await AuditAsync(refused.Response.Headers.First(header => header.Key.Equals("Audit-Id", StringComparison.OrdinalIgnoreCase)).Value));
        }
    }

    internal Task<string> KubectlAsync(params string[] arguments) => Kubectl.RunAsync([.. arguments, "--kubeconfig", Plane.WriteKubeconfig("admin")]);

    /// <summary>The API server learns of a changed webhook configuration by a watch of its own.</summary>
    internal async Task AwaitInjectionAsync()
    {
        var place = await NamespaceAsync();
        await Eventually.AsyncTrue(
            async () => (await CreateAsync(Pods.Vllm().Saying("model", Pods.Model), place, dryRun: true)).Fetcher is not null,
            "the API server has the webhook inject",
            TimeSpan.FromSeconds(60));
    }

    private Task<AuditEvent> AuditAsync(IEnumerable<string> ids) => Plane.Audit.FindAsync(ids.Single());

    /// <summary>The text of a header such as <c>299 - "text"</c>.</summary>
    private static string Warning(string header) => header[(header.IndexOf('"', StringComparison.Ordinal) + 1)..^1].Replace("\\\"", "\"", StringComparison.Ordinal);
}

/// <summary>The tests that share the cluster, one after another.</summary>
[CollectionDefinition(Name)]
public sealed class InCluster : ICollectionFixture<TestCluster>
{
    public const string Name = "In a cluster";
}
