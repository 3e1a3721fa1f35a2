using Stevedore.HubFixture.Wire;

namespace Stevedore.HubFixture;

/// <summary>The faults that a server was told to have.</summary>
public sealed class FaultList
{
    private readonly Lock _lock = new();
    private readonly List<ActiveFault> _faults = [];

    internal FaultList()
    {
    }

    /// <summary>Arms a fault.</summary>
    public ActiveFault Add(Fault fault)
    {
        var active = new ActiveFault(this, fault);
        lock (_lock)
            _faults.Add(active);
        return active;
    }

    /// <summary>Disarms and releases all faults.</summary>
    public void Clear()
    {
        ActiveFault[] all;
        lock (_lock)
            all = [.. _faults];
        foreach (var fault in all)
            fault.Remove();
    }

    internal void Forget(ActiveFault fault)
    {
        lock (_lock)
            _faults.Remove(fault);
    }

    /// <summary>What all faults together do to a request; it counts for each of them that it concerns.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="contentLength">The length of the whole content where the request would be answered with content, else null.</param>
    internal Distortion Strike(Exchange exchange, long? contentLength)
    {
        var distortion = Distortion.None;
        lock (_lock)
        {
            foreach (var fault in _faults)
            {
                if (fault.Fault.Concerns(exchange, contentLength) && fault.TryStrike())
                    distortion = fault.Fault.ApplyTo(distortion, fault);
            }
        }

        return distortion;
    }
}
