using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using k8s.Autorest;

namespace Stevedore.Webhook.Cluster;

/// <summary>
/// Tells the authors of policies what became of them. Every replica may write, so each first waits a little, writes only what the object does not say yet,
/// and nothing that is about an older version of it; once for each generation, so that replicas of two releases never argue.
/// </summary>
internal sealed partial class PolicyStatusWriter(ClusterPolicies policies, PolicyObjects objects, TimeProvider clock, ILogger<PolicyStatusWriter> logger) : BackgroundService
{
    /// <summary>How long a replica may let others go first. A person waits for it, so it is short.</summary>
    private static readonly TimeSpan Courtesy = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, (string Uid, long Generation)> _written = [];
    private string? _told;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var names = new HashSet<string>();
        while (await policies.Judged.WaitToReadAsync(stoppingToken))
        {
            while (policies.Judged.TryRead(out var name))
                names.Add(name);
            names.RemoveWhere(name => Untold(name) is null);
            if (names.Count == 0)
                continue;
            await Task.Delay(Courtesy * Random.Shared.NextDouble(), clock, stoppingToken);
            foreach (var verdict in names.Select(Untold).OfType<PolicyVerdict>().ToList())
                await WriteAsync(verdict, stoppingToken);
            names.Clear();
        }
    }

    private PolicyVerdict? Untold(string name) =>
        policies.VerdictOn(name) is { IsUntold: true } verdict && _written.GetValueOrDefault(name) != (verdict.Uid, verdict.Generation) ? verdict : null;

    private async Task WriteAsync(PolicyVerdict verdict, CancellationToken cancellation)
    {
        try
        {
            await objects.ApplyStatusAsync(verdict.Name, verdict.Version, Status(verdict), cancellation);
            _written[verdict.Name] = (verdict.Uid, verdict.Generation);
            _told = null;
        }
        catch (HttpOperationException refusal) when (refusal.Response.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
        {
            // It has changed or is gone; the watch tells of that, too.
        }
        catch (Exception error) when (!cancellation.IsCancellationRequested)
        {
            // The next event about it, or the next list, tries again; decisions do not depend on it.
            if (error.Message != _told)
                Log.Unwritten(logger, verdict.Name, error.Message);
            _told = error.Message;
        }
    }

    private JsonObject Status(PolicyVerdict verdict)
    {
        var wanted = verdict.Wanted;
        return new JsonObject
        {
            ["observedGeneration"] = wanted.Generation,
            ["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = PolicyStatus.Condition,
                ["status"] = wanted.Status,
                ["observedGeneration"] = wanted.Generation,
                ["reason"] = wanted.Reason,
                ["message"] = wanted.Message,
                ["lastTransitionTime"] = wanted.Status == verdict.Told.Status && verdict.Told.Since is { } since
                    ? since
                    : clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            }),
        };
    }

    private static partial class Log
    {
        [LoggerMessage(520, LogLevel.Warning, "The status of policy {Name} can't be written ({Problem}); decisions do not depend on it.")]
        public static partial void Unwritten(ILogger logger, string name, string problem);
    }
}
