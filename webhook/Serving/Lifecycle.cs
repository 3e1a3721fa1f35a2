namespace Stevedore.Webhook.Serving;

/// <summary>
/// How a replica begins and ends without failing anybody's pod. It is ready once a review has gone through its own endpoint; told to stop, it
/// says unready and goes on answering for a while, since the API server learns late that this endpoint is gone; then it finishes what is in
/// flight.
/// </summary>
internal sealed partial class Lifecycle(
    ServeSettings settings, SelfReview selfReview, Readiness readiness, TimeProvider clock, ILogger<Lifecycle> logger) : IHostedLifecycleService
{
    /// <summary>How long requests in flight may take to finish; the API server waits 30 s at the most and by default 10.</summary>
    public static readonly TimeSpan Finish = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        await readiness.GatesAsync(cancellationToken);
        var urls = await selfReview.RunAsync(cancellationToken);
        readiness.Start();
        Log.Ready(logger, urls);
    }

    /// <inheritdoc/>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        readiness.Drain();
        Log.Draining(logger, settings.Pause.TotalSeconds);
        await Task.Delay(settings.Pause, clock, cancellationToken);
    }

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        Log.Stopped(logger);
        return Task.CompletedTask;
    }

    Task IHostedLifecycleService.StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedService.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(300, LogLevel.Information, "Ready at {Urls}.")]
        public static partial void Ready(ILogger logger, string urls);

        [LoggerMessage(301, LogLevel.Information, "Told to stop: unready from now on, answering for {Seconds} s more.")]
        public static partial void Draining(ILogger logger, double seconds);

        [LoggerMessage(302, LogLevel.Information, "Stopped; nothing is left in flight.")]
        public static partial void Stopped(ILogger logger);
    }
}
