using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Stevedore.Webhook.Tests.Certificates;

/// <summary>
/// As much of an API server as certificates need, on loopback: one Secret and one webhook configuration, with resource versions that conflict as the real
/// one's do.
/// </summary>
internal sealed class CertificateCluster : IAsyncDisposable
{
    public const string SecretPath = "/api/v1/namespaces/stevedore-system/secrets/stevedore-webhook-tls";
    public const string ConfigurationPath = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/stevedore-webhook";

    private readonly WebApplication _app;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, JsonObject> _objects = [];
    private int _version = 100;

    private CertificateCluster(WebApplication app) => _app = app;

    /// <summary>What every request is answered with instead; null for the real answer.</summary>
    public HttpStatusCode? Refusal { get; set; }

    /// <summary>Requests that changed something, in order: "PUT stevedore-webhook-tls 200".</summary>
    public List<string> Writes { get; } = [];

    public static async Task<CertificateCluster> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var cluster = new CertificateCluster(app);
        app.Run(cluster.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        cluster.Put(SecretPath, """{"apiVersion":"v1","kind":"Secret","type":"Opaque","metadata":{"name":"stevedore-webhook-tls"}}""");
        cluster.ApplyConfiguration();
        return cluster;
    }

    /// <summary>As <c>kubectl replace</c> of the manifests leaves it: whom to trust is not said.</summary>
    public void ApplyConfiguration() => Put(ConfigurationPath, """
        {"apiVersion":"admissionregistration.k8s.io/v1","kind":"MutatingWebhookConfiguration","metadata":{"name":"stevedore-webhook"},"webhooks":[
        {"name":"explicit.stevedore.dev","failurePolicy":"Fail","clientConfig":{"service":{"name":"stevedore-webhook","namespace":"stevedore-system","path":"/mutate/explicit"} } },
        {"name":"detected.stevedore.dev","failurePolicy":"Ignore","clientConfig":{"service":{"name":"stevedore-webhook","namespace":"stevedore-system","path":"/mutate/detected"} } }]}
        """);

    public IKubernetes Client() => new Kubernetes(new KubernetesClientConfiguration { Host = Address });

    /// <summary>Writes a kubeconfig that leads here.</summary>
    public string WriteKubeconfig(string folder)
    {
        var path = Path.Combine(folder, "kubeconfig");
        File.WriteAllText(path, $$"""
            apiVersion: v1
            kind: Config
            current-context: test
            clusters: [{name: test, cluster: {server: "{{Address}}"} }]
            contexts: [{name: test, context: {cluster: test, user: test} }]
            users: [{name: test, user: {token: test} }]
            """);
        return path;
    }

    private string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    /// <summary>The object now; null where there is none.</summary>
    public JsonObject? Object(string path)
    {
        lock (_gate)
            return _objects.GetValueOrDefault(path)?.DeepClone().AsObject();
    }

    public void Remove(string path)
    {
        lock (_gate)
            _objects.Remove(path);
    }

    /// <summary>A field of the Secret's data, as text.</summary>
    public string? Secret(string key) => Object(SecretPath)?["data"]?[key]?.GetValue<string>() is { } text ? Encoding.UTF8.GetString(Convert.FromBase64String(text)) : null;

    public void WriteSecret(string key, string value)
    {
        lock (_gate)
            Touch(_objects[SecretPath])["data"]![key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value));
    }

    /// <summary>What each entry of the configuration trusts, PEM.</summary>
    public IReadOnlyList<string> Bundles() =>
        [.. Object(ConfigurationPath)!["webhooks"]!.AsArray().Select(hook => hook!["clientConfig"]!["caBundle"]?.GetValue<string>() is { } text ? Encoding.UTF8.GetString(Convert.FromBase64String(text)) : "")];

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private void Put(string path, string json)
    {
        lock (_gate)
            _objects[path] = Touch(JsonNode.Parse(json)!.AsObject());
    }

    private JsonObject Touch(JsonObject changed)
    {
        changed["metadata"]!["resourceVersion"] = $"{++_version}";
        return changed;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var text = await reader.ReadToEndAsync(context.RequestAborted);
        var (status, answer) = Refusal is { } refusal
            ? (refusal, Status(refusal))
            : Handle(context.Request.Method, context.Request.Path.Value!, text.Length > 0 ? JsonNode.Parse(text)!.AsObject() : null);
        context.Response.StatusCode = (int)status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer.ToJsonString(), context.RequestAborted);
    }

    private (HttpStatusCode, JsonObject) Handle(string method, string path, JsonObject? body)
    {
        lock (_gate)
        {
            if (method == "POST")
                path += "/" + body!["metadata"]!["name"]!.GetValue<string>();
            var there = _objects.GetValueOrDefault(path);
            var status = (method, there) switch
            {
                ("POST", null) => HttpStatusCode.Created,
                (_, null) => HttpStatusCode.NotFound,
                ("POST", _) => HttpStatusCode.Conflict,
                ("GET", _) => HttpStatusCode.OK,
                _ => IsStale(there, body!) ? HttpStatusCode.Conflict : HttpStatusCode.OK,
            };
            if (method != "GET")
                Writes.Add($"{method} {path[(path.LastIndexOf('/') + 1)..]} {(int)status}");
            if (status is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
                return (status, Status(status));
            if (method == "GET")
                return (status, there!.DeepClone().AsObject());
            var changed = method == "PATCH" ? Merged(there!, body!) : body!.DeepClone().AsObject();
            _objects[path] = Touch(changed);
            return (status, changed.DeepClone().AsObject());
        }
    }

    private static bool IsStale(JsonObject there, JsonObject body) =>
        body["metadata"]?["resourceVersion"]?.GetValue<string>() is { } version && version != there["metadata"]!["resourceVersion"]!.GetValue<string>();

    /// <summary>What a strategic merge patch of <c>webhooks[name].clientConfig.caBundle</c> does.</summary>
    private static JsonObject Merged(JsonObject there, JsonObject patch)
    {
        var merged = there.DeepClone().AsObject();
        foreach (var entry in patch["webhooks"]!.AsArray())
        {
            var hook = merged["webhooks"]!.AsArray().Single(hook => hook!["name"]!.GetValue<string>() == entry!["name"]!.GetValue<string>())!;
            hook["clientConfig"]!["caBundle"] = entry!["clientConfig"]!["caBundle"]!.GetValue<string>();
        }

        return merged;
    }

    private static JsonObject Status(HttpStatusCode code) => new() { ["kind"] = "Status", ["apiVersion"] = "v1", ["status"] = "Failure", ["code"] = (int)code };
}
