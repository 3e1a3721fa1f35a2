namespace Stevedore.HubFixture;

/// <summary>An armed fault: how often it struck, and the way to end it.</summary>
public sealed class ActiveFault
{
    private readonly TaskCompletionSource _struck = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly FaultList _list;
    private int _seen;
    private int _hits;

    internal ActiveFault(FaultList list, Fault fault)
    {
        _list = list;
        Fault = fault;
    }

    /// <summary>How many requests it struck.</summary>
    public int Hits => Volatile.Read(ref _hits);

    /// <summary>Completes when it first takes effect: for a stall, when the bytes before it are sent.</summary>
    public Task Struck => _struck.Task;

    internal Fault Fault { get; }

    /// <summary>Ends a stall: those that wait go on, and later ones don't wait.</summary>
    public void Release() => _released.TrySetResult();

    /// <summary>Disarms it; a stall ends.</summary>
    public void Remove()
    {
        _list.Forget(this);
        Release();
    }

    /// <summary>Called under the list's lock.</summary>
    internal bool TryStrike()
    {
        if (_seen++ < Fault.Skipped || _hits >= Fault.Limit)
            return false;
        _hits++;
        if (!Fault.StrikesLater)
            _struck.TrySetResult();
        return true;
    }

    internal async Task HoldAsync(TimeSpan? duration, CancellationToken gone)
    {
        _struck.TrySetResult();
        if (duration is { } time)
            await Task.WhenAny(_released.Task, Task.Delay(time, gone)).WaitAsync(gone);
        else
            await _released.Task.WaitAsync(gone);
    }
}
