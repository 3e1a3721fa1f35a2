using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Stevedore.Webhook.Tests.Cluster;

/// <summary>
/// As much of an API server as the webhook talks to: namespaces and policies with lists in pages, watches with bookmarks, and the status of policies. What
/// goes wrong, a test says: see <see cref="OnWatch"/> and <see cref="Refuse"/>.
/// </summary>
internal sealed class FakeApiServer : IAsyncDisposable
{
    public const string Namespaces = "/api/v1/namespaces";
    public const string Policies = "/apis/stevedore.dev/v1alpha1/modelcachepolicies";

    private readonly Lock _lock = new();
    private readonly List<Change> _log = [];
    private readonly Dictionary<string, SortedDictionary<string, JsonObject>> _stored = new() { [Namespaces] = new(StringComparer.Ordinal), [Policies] = new(StringComparer.Ordinal) };
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication? _app;
    private long _version = 100;
    private long _forgotten;

    /// <summary>Every request: method, path, and the query's say in it.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>The port, the same after a restart.</summary>
    public int Port { get; private set; }

    /// <summary>What happens to a watch; by its path and its number, counted from 1.</summary>
    public Func<string, int, WatchFate> OnWatch { get; set; } = (_, _) => WatchFate.Follow;

    /// <summary>The status to refuse a request with; null to answer it.</summary>
    public Func<HttpRequest, HttpStatusCode?> Refuse { get; set; } = _ => null;

    /// <summary>What a request waits for before it is answered.</summary>
    public Task Held { get; set; } = Task.CompletedTask;

    public static async Task<FakeApiServer> StartAsync()
    {
        var server = new FakeApiServer();
        await server.ResumeAsync();
        return server;
    }

    public Kubernetes Client() => new(new KubernetesClientConfiguration { Host = $"http://127.0.0.1:{Port}" });

    public string Kubeconfig() => $$"""
        { "apiVersion": "v1", "kind": "Config", "current-context": "t", "contexts": [ { "name": "t", "context": { "cluster": "t", "user": "t" } } ],
          "clusters": [ { "name": "t", "cluster": { "server": "http://127.0.0.1:{{Port}}" } } ], "users": [ { "name": "t", "user": { "token": "t" } } ] }
        """;

    /// <summary>Comes up, with all that it had stored.</summary>
    public async Task ResumeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, Port, listener => listener.Protocols = HttpProtocols.Http1));
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync(TestContext.Current.CancellationToken);
        Port = new Uri(_app.Urls.Single()).Port;
    }

    /// <summary>Goes down, with all its connections.</summary>
    public async Task StopAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app!.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    public void SetNamespace(string name, params (string Key, string Value)[] labels) => Set(Namespaces, name, new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Namespace",
        ["metadata"] = new JsonObject { ["labels"] = new JsonObject([new("kubernetes.io/metadata.name", name), .. labels.Select(l => KeyValuePair.Create(l.Key, (JsonNode?)l.Value))]) },
    });

    public void SetPolicy(string name, string spec) => Set(Policies, name, new JsonObject
    {
        ["apiVersion"] = "stevedore.dev/v1alpha1",
        ["kind"] = "ModelCachePolicy",
        ["metadata"] = new JsonObject(),
        ["spec"] = Webhook.Yaml.YamlDocuments.Read(new StringReader(spec)).Single(),
    });

    public JsonObject Stored(string path, string name)
    {
        lock (_lock)
            return _stored[path][name].DeepClone().AsObject();
    }

    public void Delete(string path, string name)
    {
        lock (_lock)
        {
            _stored[path].Remove(name, out var gone);
            Record("DELETED", path, gone!.DeepClone().AsObject());
        }
    }

    /// <summary>Forgets what happened until now: whoever goes on from before gets a 410.</summary>
    public void Compact()
    {
        lock (_lock)
        {
            _forgotten = _version;
            _log.Clear();
        }
    }

    public int Count(string path, string kind) => Requests.Count(request => request == $"{kind} {path}");

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await StopAsync();
    }

    private void Set(string path, string name, JsonObject item)
    {
        lock (_lock)
        {
            var before = _stored[path].GetValueOrDefault(name);
            var metadata = item["metadata"]!.AsObject();
            metadata["name"] = name;
            metadata["uid"] = before?["metadata"]!["uid"]!.DeepClone() ?? Guid.NewGuid().ToString();
            metadata["generation"] = (before is null ? 0 : (long)before["metadata"]!["generation"]!) + 1;
            if (before?["status"] is { } status)
                item["status"] = status.DeepClone();
            _stored[path][name] = item;
            Record(before is null ? "ADDED" : "MODIFIED", path, item);
        }
    }

    private void Record(string type, string path, JsonObject item)
    {
        item["metadata"]!["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
        _log.Add(new Change(_version, type, path, item.ToJsonString()));
        _changed.TrySetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var (request, path) = (context.Request, context.Request.Path.Value!);
        var isWatch = request.Query["watch"] == "true";
        Requests.Enqueue($"{(isWatch ? "WATCH" : request.Method)} {path}");
        await Held;
        if (Refuse(request) is { } status)
            await SayAsync(context, (int)status, "refused");
        else if (path.TrimEnd('/') == "/version")
            await WriteAsync(context, new JsonObject { ["major"] = "1", ["minor"] = "33+" });
        else if (isWatch)
            await WatchAsync(context, path);
        else if (HttpMethods.IsPatch(request.Method))
            await PatchAsync(context, path[..^"/status".Length]);
        else if (_stored.ContainsKey(path))
            await WriteAsync(context, List(request, path));
        else
            await ReadAsync(context, path);
    }

    private JsonObject List(HttpRequest request, string path)
    {
        lock (_lock)
        {
            var start = int.TryParse(request.Query["continue"], out var next) ? next : 0;
            var limit = int.TryParse(request.Query["limit"], out var asked) ? asked : int.MaxValue;
            var items = _stored[path].Values.Skip(start).Take(limit).Select(item => (JsonNode)item.DeepClone()).ToArray();
            var more = start + items.Length < _stored[path].Count;
            return new JsonObject
            {
                ["apiVersion"] = path == Namespaces ? "v1" : "stevedore.dev/v1alpha1",
                ["kind"] = path == Namespaces ? "NamespaceList" : "ModelCachePolicyList",
                ["metadata"] = new JsonObject { ["resourceVersion"] = _version.ToString(CultureInfo.InvariantCulture), ["continue"] = more ? $"{start + items.Length}" : "" },
                ["items"] = new JsonArray(items),
            };
        }
    }

    private async Task ReadAsync(HttpContext context, string path)
    {
        var slash = path.LastIndexOf('/');
        JsonObject? found;
        lock (_lock)
            found = _stored[path[..slash]].GetValueOrDefault(path[(slash + 1)..])?.DeepClone().AsObject();
        await (found is null ? SayAsync(context, 404, "not found") : WriteAsync(context, found));
    }

    /// <summary>Server-side apply, as far as a status of one owner goes.</summary>
    private async Task PatchAsync(HttpContext context, string path)
    {
        var patch = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!.AsObject();
        var name = path[(path.LastIndexOf('/') + 1)..];
        JsonObject? found;
        lock (_lock)
        {
            found = _stored[Policies].GetValueOrDefault(name);
            if (found is not null && (string?)patch["metadata"]!["resourceVersion"] == (string?)found["metadata"]!["resourceVersion"])
            {
                found["status"] = patch["status"]!.DeepClone();
                Record("MODIFIED", Policies, found);
                found = found.DeepClone().AsObject();
            }
            else
            {
                found = null;
            }
        }

        await (found is null ? SayAsync(context, 409, "conflict") : WriteAsync(context, found));
    }

    private async Task WatchAsync(HttpContext context, string path)
    {
        var fate = OnWatch(path, Count(path, "WATCH"));
        var seen = long.Parse(context.Request.Query["resourceVersion"]!, CultureInfo.InvariantCulture);
        if (fate.IsGone || (seen < _forgotten && fate.Line is null))
        {
            await SayAsync(context, 410, "too old resource version");
            return;
        }

        context.Response.ContentType = "application/json";
        await context.Response.StartAsync(context.RequestAborted);
        if (fate.Line is { } line)
            await LineAsync(context, line);
        if (fate.Ends)
        {
            if (fate.Cuts)
                context.Abort();
            return;
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        if (fate.Lasts is { } time)
            over.CancelAfter(time);
        try
        {
            await FollowAsync(context, path, seen, fate, over.Token);
        }
        catch (OperationCanceledException)
        {
            if (fate.Cuts)
                context.Abort();
        }
    }

    private async Task FollowAsync(HttpContext context, string path, long seen, WatchFate fate, CancellationToken over)
    {
        while (true)
        {
            Task changed;
            List<Change> news;
            long version;
            lock (_lock)
            {
                (changed, version) = (_changed.Task, _version);
                news = [.. _log.Where(change => change.Path == path && change.Version > seen)];
            }

            if (fate.IsSilent)
                news = [];
            foreach (var change in news)
            {
                await LineAsync(context, $$"""{"type":"{{change.Type}}","object":{{change.Json}}}""");
                seen = change.Version;
            }

            if (news.Count == 0 && version > seen && fate.Bookmarks)
            {
                var (api, kind) = path == Namespaces ? ("v1", "Namespace") : ("stevedore.dev/v1alpha1", "ModelCachePolicy");
                await LineAsync(context, $$"""{"type":"BOOKMARK","object":{"apiVersion":"{{api}}","kind":"{{kind}}","metadata":{"resourceVersion":"{{version}}"} } }""");
                seen = version;
            }

            await changed.WaitAsync(over);
        }
    }

    private static async Task LineAsync(HttpContext context, string line)
    {
        await context.Response.WriteAsync(line + "\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private static Task WriteAsync(HttpContext context, JsonObject body)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted);
    }

    private static Task SayAsync(HttpContext context, int code, string message)
    {
        context.Response.StatusCode = code;
        return WriteAsync(context, new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Status", ["status"] = "Failure", ["code"] = code, ["message"] = message });
    }

    private sealed record Change(long Version, string Type, string Path, string Json);
}

/// <summary>What becomes of a watch.</summary>
internal sealed record WatchFate
{
    /// <summary>It follows until its client leaves, bookmarks in between.</summary>
    public static readonly WatchFate Follow = new();

    /// <summary>Refused with the HTTP status 410.</summary>
    public static readonly WatchFate Gone = new() { IsGone = true };

    /// <summary>Begins, and then says 410 in an event, as API servers do.</summary>
    public static readonly WatchFate GoneAsEvent = new()
    {
        Line = """{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"too old resource version: 1 (2)","reason":"Expired","code":410}}""",
        Ends = true,
    };

    /// <summary>Refused: what it wants to go on from is forgotten.</summary>
    public bool IsGone { get; init; }

    /// <summary>A first line of its own.</summary>
    public string? Line { get; init; }

    /// <summary>Ends right after.</summary>
    public bool Ends { get; init; }

    /// <summary>Its end is a cut connection.</summary>
    public bool Cuts { get; init; }

    /// <summary>Nothing ever comes.</summary>
    public bool IsSilent { get; init; }

    /// <summary>How long it lasts.</summary>
    public TimeSpan? Lasts { get; init; }

    /// <summary>Whether there are bookmarks.</summary>
    public bool Bookmarks { get; init; } = true;
}
