using System.Collections.Concurrent;
using System.Diagnostics;

namespace Stevedore.LoadClient;

/// <summary>
/// Sends reviews on a schedule that does not wait for the server: the n-th is due n/rate seconds after the start, and its latency counts from
/// then, so that a stall is counted for everyone who would have waited in it. A free connection takes the next one due.
/// </summary>
internal sealed class ConstantRate(LoadSettings settings)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    private readonly TimeSpan[] _latencies = new TimeSpan[settings.Total];
    private readonly TimeSpan[] _late = new TimeSpan[settings.Total];
    private readonly Failure[] _failures = new Failure[settings.Total];
    private readonly ConcurrentDictionary<string, bool> _certificates = [];
    private int _next = -1;
    private long _start;

    /// <summary>Runs to the end; what is not answered some time after the last was due is a failure.</summary>
    public async Task<LoadReport> RunAsync(CancellationToken cancellation)
    {
        Array.Fill(_failures, Failure.Connection);
        var reviews = settings.Reviews.Select(file => ReviewRequest.FromFile(file, settings.Url)).ToArray();
        var connections = Enumerable.Range(0, settings.Connections).Select(_ => new ReviewConnection(settings, _certificates)).ToArray();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            foreach (var connection in connections)
                await connection.ConnectAsync(cancellation);
            end.CancelAfter(TimeSpan.FromSeconds(settings.Seconds) + Grace);
            _start = Stopwatch.GetTimestamp();
            await Task.WhenAll(connections.Select(connection => Task.Run(() => WorkAsync(connection, reviews, end.Token), CancellationToken.None)));
        }
        finally
        {
            foreach (var connection in connections)
                await connection.DisposeAsync();
        }

        return new LoadReport(settings, Stopwatch.GetElapsedTime(_start), _latencies, _late, _failures, _certificates.Count);
    }

    private async Task WorkAsync(ReviewConnection connection, ReviewRequest[] reviews, CancellationToken end)
    {
        try
        {
            while (Interlocked.Increment(ref _next) is var number && number < settings.Total)
            {
                var due = TimeSpan.FromSeconds((double)number / settings.Rate);
                if (due - Stopwatch.GetElapsedTime(_start) is { Ticks: > 0 } early)
                    await Task.Delay(early, end);
                _late[number] = Stopwatch.GetElapsedTime(_start) - due;
                _failures[number] = await connection.SendAsync(reviews[number % reviews.Length], number, end);
                _latencies[number] = Stopwatch.GetElapsedTime(_start) - due;
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The rest stays marked as failed.
        }
    }
}
