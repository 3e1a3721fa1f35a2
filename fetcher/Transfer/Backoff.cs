namespace Stevedore.Fetcher.Transfer;

/// <summary>
/// How long to stay away from a source that failed: full jitter below a ceiling that doubles from half a second to thirty, or what the source
/// itself asked for. Safe for several threads.
/// </summary>
/// <param name="random">Where the jitter comes from; <see cref="Random.Shared"/> outside tests.</param>
/// <param name="time">What the waiting is measured with.</param>
internal sealed class Backoff(Random random, TimeProvider time)
{
    /// <summary>Failures in a row, without a byte of progress between them, after which a run gives up.</summary>
    public const int Tries = 8;

    /// <summary>
    /// The longest pause that a source may ask for. The Hub's windows are five minutes long; a source that asks for more than two of them is as
    /// good as down, and a pod is better off failing with that sentence than hanging.
    /// </summary>
    public static readonly TimeSpan LongestAsked = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan FirstCeiling = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LastCeiling = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WidestSpread = TimeSpan.FromSeconds(5);

    private readonly Lock _randomIsNotThreadSafe = new();

    /// <summary>Whether to give up instead of waiting once more.</summary>
    /// <param name="failures">Failures in a row, the last one included.</param>
    /// <param name="retryAfter">What the source asked for with the last one.</param>
    public static bool IsOver(int failures, TimeSpan? retryAfter) => failures >= Tries || retryAfter > LongestAsked;

    /// <summary>The pause before the next try.</summary>
    /// <param name="failures">Failures in a row, from 1.</param>
    /// <param name="retryAfter">What the source asked for; it is never undercut, and overrun by up to a tenth so that not all come back at once.</param>
    public TimeSpan Next(int failures, TimeSpan? retryAfter)
    {
        if (retryAfter is { } asked)
        {
            var wait = asked < LongestAsked ? asked : LongestAsked;
            var spread = wait / 10 < WidestSpread ? wait / 10 : WidestSpread;
            return wait + (spread * Jitter());
        }

        var ceiling = FirstCeiling * Math.Pow(2, Math.Clamp(failures - 1, 0, 16));
        return (ceiling < LastCeiling ? ceiling : LastCeiling) * Jitter();
    }

    /// <summary>Waits without holding a thread.</summary>
    public Task WaitAsync(TimeSpan pause, CancellationToken cancellationToken) => Task.Delay(pause, time, cancellationToken);

    /// <summary>Waits on the calling thread, for threads that do nothing but one stream.</summary>
    /// <exception cref="OperationCanceledException">At once when <paramref name="cancellationToken"/> is cancelled.</exception>
    public void Wait(TimeSpan pause, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var over = new ManualResetEventSlim();
        using var timer = time.CreateTimer(static state => Ring((ManualResetEventSlim)state!), over, pause, Timeout.InfiniteTimeSpan);
        over.Wait(cancellationToken);
    }

    private static void Ring(ManualResetEventSlim over)
    {
        try
        {
            over.Set();
        }
        catch (ObjectDisposedException)
        {
            // The wait was cancelled in the moment in which its timer fired.
        }
    }

    private double Jitter()
    {
        lock (_randomIsNotThreadSafe)
            return random.NextDouble();
    }
}
