using System.Text;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Stevedore.Programs;

namespace Stevedore.Cluster.Tests.Support;

/// <summary>Somebody else's mutating webhook, called after ours since configurations are called by their names' order.</summary>
internal sealed class OtherWebhook : IAsyncDisposable
{
    private const string Name = "zz-other";

    private readonly TestCluster _cluster;
    private readonly WebApplication _server;
    private readonly TemporaryFolder _folder;

    private OtherWebhook(TestCluster cluster, WebApplication server, TemporaryFolder folder) => (_cluster, _server, _folder) = (cluster, server, folder);

    /// <summary>Has it change the pods of one namespace.</summary>
    /// <param name="cluster">Where it is called.</param>
    /// <param name="place">The namespace.</param>
    /// <param name="patch">JSON Patch operations for a pod; none to leave it.</param>
    public static async Task<OtherWebhook> StartAsync(TestCluster cluster, string place, Func<JsonObject, JsonArray> patch)
    {
        var folder = TemporaryFolder.For("stevedore-other-webhook");
        var certificate = ServingCertificate.Issue(folder.Sub("certificates"));
        var port = ControlPlane.FreePort();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.ListenLocalhost(
            port, listen => listen.UseHttps(System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPemFile(certificate.CertificateFile, certificate.KeyFile))));
        builder.Services.AddLogging();
        var server = builder.Build();
        server.Run(context => AnswerAsync(context, patch));
        await server.StartAsync();
        var other = new OtherWebhook(cluster, server, folder);
        await cluster.Client.AdmissionregistrationV1.CreateMutatingWebhookConfigurationAsync(Configuration(place, port, await File.ReadAllBytesAsync(certificate.AuthorityFile)));

        // Until the API server's own watch has brought it the configuration, it calls nobody; afterwards each pod is noted as reviewed by it.
        await Eventually.AsyncTrue(
            async () => (await cluster.CreateAsync(Pods.Other(), place, dryRun: true)).Audit.OfWebhooks.Values.Any(note => note.Contains(Name, StringComparison.Ordinal)),
            "the API server calls the other webhook",
            TimeSpan.FromSeconds(30));
        return other;
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.Client.AdmissionregistrationV1.DeleteMutatingWebhookConfigurationAsync(Name);
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task AnswerAsync(HttpContext context, Func<JsonObject, JsonArray> patch)
    {
        var review = (await JsonNode.ParseAsync(context.Request.Body))!;
        var operations = patch(review["request"]!["object"]!.AsObject());
        var response = new JsonObject { ["uid"] = review["request"]!["uid"]!.DeepClone(), ["allowed"] = true };
        if (operations.Count > 0)
        {
            response["patchType"] = "JSONPatch";
            response["patch"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(operations.ToJsonString()));
        }

        var answer = new JsonObject { ["apiVersion"] = "admission.k8s.io/v1", ["kind"] = "AdmissionReview", ["response"] = response };
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer.ToJsonString());
    }

    private static V1MutatingWebhookConfiguration Configuration(string place, int port, byte[] authority) => new()
    {
        Metadata = new V1ObjectMeta { Name = Name },
        Webhooks =
        [
            new V1MutatingWebhook
            {
                Name = "other.example.com",
                ClientConfig = new Admissionregistrationv1WebhookClientConfig { Url = $"https://localhost:{port}/", CaBundle = authority },
                Rules = [new V1RuleWithOperations { ApiGroups = [""], ApiVersions = ["v1"], Operations = ["CREATE"], Resources = ["pods"] }],
                NamespaceSelector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["kubernetes.io/metadata.name"] = place } },
                FailurePolicy = "Fail",
                SideEffects = "None",
                AdmissionReviewVersions = ["v1"],
            },
        ],
    };
}
