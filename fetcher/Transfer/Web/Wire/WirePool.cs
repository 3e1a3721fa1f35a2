using System.Collections.Concurrent;

namespace Stevedore.Fetcher.Transfer.Web.Wire;

/// <summary>Connections that wait for their next question, by scheme, host and port.</summary>
/// <param name="time">Its timestamps are the clock.</param>
internal sealed class WirePool(TimeProvider time) : IDisposable
{
    /// <summary>Shorter than what servers and the middleboxes before them commonly allow.</summary>
    private static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(50);

    private readonly ConcurrentDictionary<string, ConcurrentStack<WireConnection>> _idle = new(StringComparer.OrdinalIgnoreCase);
    private volatile bool _disposed;

    /// <summary>A connection that looks well; null where there is none.</summary>
    public WireConnection? TryTake(Uri address)
    {
        if (!_idle.TryGetValue(WebAddress.HostShown(address), out var idle))
            return null;
        while (idle.TryPop(out var connection))
        {
            if (time.GetElapsedTime(connection.IdleSince) < LongestIdle && connection.IsQuiet)
                return connection;
            connection.Dispose();
        }

        return null;
    }

    /// <summary>Keeps a connection for the next question.</summary>
    public void PutAside(Uri address, WireConnection connection)
    {
        connection.IdleSince = time.GetTimestamp();
        _idle.GetOrAdd(WebAddress.HostShown(address), static _ => new()).Push(connection);
        if (_disposed)
            Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        foreach (var idle in _idle.Values)
        {
            while (idle.TryPop(out var connection))
                connection.Dispose();
        }
    }
}
