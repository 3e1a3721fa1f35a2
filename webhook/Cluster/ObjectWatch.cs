using System.Net;
using k8s;
using k8s.Autorest;
using Stevedore.Webhook.Serving;

namespace Stevedore.Webhook.Cluster;

/// <summary>
/// Keeps a store like the API server's: one list, then a watch that goes on from the last version seen, however often it is cut. Where the server no
/// longer knows that version, or an event could not be read, it lists again. While the server is away the store stays as it was.
/// </summary>
internal sealed partial class ObjectWatch<T>(IObjectSource<T> source, IObjectStore<T> store, TimeProvider clock, ILogger<ObjectWatch<T>> logger)
    : BackgroundService, IReadinessGate
{
    /// <summary>A watch that lived this long was worth its connection, and the next begins at once.</summary>
    private static readonly TimeSpan WorthIt = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>How long after its own end a watch is given up: the server is gone without a word.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _version;
    private string? _told;
    private int _failures;

    /// <inheritdoc/>
    public string? Hindrance => _synced.Task.IsCompleted ? null : $"the {source.Plural} of the cluster are not known yet";

    /// <inheritdoc/>
    public Task Opened => _synced.Task;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                _version ??= await ListAsync(stoppingToken);
                await WatchAsync(_version, stoppingToken);
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it is, what is known stays in use, and the next try may succeed.
                Fail(error);
            }

            if (_failures > 0)
                await Task.Delay(Pause(_failures), clock, stoppingToken);
        }
    }

    private async Task<string> ListAsync(CancellationToken cancellation)
    {
        var all = new List<ClusterObject<T>>();
        ObjectPage<T>? page = null;
        do
        {
            page = await source.ListAsync(page?.Next, cancellation);
            all.AddRange(page.Items);
        }
        while (page.Next is not null);
        store.Replace(all);
        _synced.TrySetResult();
        Log.Listed(logger, all.Count, source.Plural);
        return page.Version;
    }

    private async Task WatchAsync(string version, CancellationToken cancellation)
    {
        // Two to four minutes: not all watches of all replicas end at once, and a connection that died silently is found soon.
        var atMost = TimeSpan.FromMinutes(2 + (Random.Shared.NextDouble() * 2));
        var started = clock.GetTimestamp();
        Exception? error = null;
        using var dead = new CancellationTokenSource(atMost + Grace, clock);
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(cancellation, dead.Token);
        void Break(Exception reason)
        {
            error ??= reason;
            broken.Cancel();
        }

        try
        {
            await foreach (var change in source.WatchAsync(version, atMost, Break, broken.Token))
            {
                if (error is not null)
                    break;
                Apply(change);
                (_failures, _told) = (0, null);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Broken off, for the error that is thrown below, or because nothing came for too long.
        }
        finally
        {
            if (clock.GetElapsedTime(started) >= WorthIt)
                _failures = 0;
        }

        cancellation.ThrowIfCancellationRequested();
        if (error is not null)
            throw error;
        if (clock.GetElapsedTime(started) < WorthIt)
            _failures++;
    }

    private void Apply(ObjectEvent<T> change)
    {
        if (change.Object.Version.Length == 0)
            throw new FormatException($"An event about {source.Plural} has no resource version.");
        switch (change.Type)
        {
            case WatchEventType.Added or WatchEventType.Modified:
                store.Set(change.Object);
                break;
            case WatchEventType.Deleted:
                store.Remove(change.Object.Name);
                break;
        }

        _version = change.Object.Version;
    }

    /// <summary>Decides how to go on after an error, and tells of it, once.</summary>
    private void Fail(Exception error)
    {
        _failures++;
        if (LosesEvents(error))
            _version = null;
        // A connection that is cut once is nothing to speak of.
        if (_failures == 1 && error is IOException or HttpRequestException)
            return;
        var problem = Sentence(error);
        if (problem != _told)
            Log.Trouble(logger, source.Plural, problem, _synced.Task.IsCompleted ? "what is known of them stays in use" : "nothing is known of them yet");
        _told = problem;
    }

    /// <summary>
    /// Whether the watch can't go on where it was: the server has forgotten that version (410, in either form), or something came that could not be
    /// read, and may have been an event.
    /// </summary>
    private static bool LosesEvents(Exception error) => error switch
    {
        HttpOperationException refusal => refusal.Response.StatusCode is HttpStatusCode.Gone or HttpStatusCode.BadRequest,
        KubernetesException told => told.Status?.Code is 410 or null,
        IOException or HttpRequestException or OperationCanceledException => false,
        _ => true,
    };

    private string Sentence(Exception error) => error switch
    {
        HttpOperationException { Response.StatusCode: HttpStatusCode.Forbidden } => $"the API server forbids to list or watch {source.Plural} (403); the ClusterRole of the manifests allows it",
        HttpOperationException { Response.StatusCode: HttpStatusCode.Unauthorized } => "the API server does not accept the credentials (401)",
        HttpOperationException { Response.StatusCode: HttpStatusCode.NotFound } => $"the API server knows no {source.Plural} (404); apply the CRD of the manifests",
        HttpOperationException { Response.StatusCode: var status } => $"the API server answers {(int)status}",
        KubernetesException told => $"the API server says: {told.Message}",
        _ => error.Message,
    };

    private static TimeSpan Pause(int failures) =>
        TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, 0.25 * Math.Pow(2, Math.Min(failures - 1, 10))) * (0.5 + (Random.Shared.NextDouble() / 2)));

    private static partial class Log
    {
        [LoggerMessage(500, LogLevel.Information, "The API server has {Count} {Plural}.")]
        public static partial void Listed(ILogger logger, int count, string plural);

        [LoggerMessage(501, LogLevel.Warning, "The {Plural} of the cluster can't be followed: {Problem}. It is tried again, and {Meanwhile}.")]
        public static partial void Trouble(ILogger logger, string plural, string problem, string meanwhile);
    }
}
