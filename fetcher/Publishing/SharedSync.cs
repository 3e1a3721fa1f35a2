namespace Stevedore.Fetcher.Publishing;

/// <summary>
/// One call that makes durable what several threads have written: who comes while it runs waits for the next one, which then serves all that came meanwhile. A sync of a
/// filesystem or a folder writes everybody's work out anyway, and costs the same for one as for eight.
/// </summary>
/// <param name="sync">Makes durable what was written before it began.</param>
internal sealed class SharedSync(Action sync)
{
    private readonly object _gate = new();
    private long _begun;
    private long _ended;
    private bool _isRunning;

    /// <summary>Returns when all that the caller had written before is durable.</summary>
    /// <exception cref="IOException">It could not be made so.</exception>
    public void Wait()
    {
        lock (_gate)
        {
            // One that runs already may have begun before the caller's last write.
            for (var needed = _begun + 1; _ended < needed;)
            {
                if (_isRunning)
                    Monitor.Wait(_gate);
                else
                    Run();
            }
        }
    }

    private void Run()
    {
        var mine = ++_begun;
        _isRunning = true;
        Monitor.Exit(_gate);
        try
        {
            sync();
        }
        finally
        {
            Monitor.Enter(_gate);
            _isRunning = false;
            Monitor.PulseAll(_gate);
        }

        _ended = mine;
    }
}
