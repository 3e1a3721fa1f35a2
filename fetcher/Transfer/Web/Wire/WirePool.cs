using System.Collections.Concurrent;

namespace Stevedore.Fetcher.Transfer.Web.Wire;

/// <summary>Connections that wait for their next question, by scheme, host and port; and those that owe answers, by the question whose answer comes next.</summary>
/// <param name="time">Its timestamps are the clock.</param>
internal sealed class WirePool(TimeProvider time) : IDisposable
{
    /// <summary>When more connections than this owe answers, some of those are to questions that nobody asks any more.</summary>
    private const int MostOwing = 64;

    /// <summary>Shorter than what servers and the middleboxes before them commonly allow.</summary>
    private static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(50);

    private readonly ConcurrentDictionary<string, ConcurrentStack<WireConnection>> _idle = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, WireConnection> _owing = new(StringComparer.Ordinal);
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

    /// <summary>Whether any connection owes an answer.</summary>
    public bool Owes => !_owing.IsEmpty;

    /// <summary>The connection over which a question was asked ahead; its answer comes next. Null where there is none.</summary>
    /// <param name="key">Of the question.</param>
    public WireConnection? TryTakeOwing(string key) => _owing.TryRemove(key, out var connection) ? connection : null;

    /// <summary>Keeps a connection for the next question.</summary>
    public void PutAside(Uri address, WireConnection connection)
    {
        connection.IdleSince = time.GetTimestamp();
        if (connection.Next is not { } next)
            _idle.GetOrAdd(WebAddress.HostShown(address), static _ => new()).Push(connection);
        else if (!_owing.TryAdd(next, connection))
            connection.Dispose();
        else if (_owing.Count > MostOwing)
            DropForgotten();
        if (_disposed)
            Dispose();
    }

    private void DropForgotten()
    {
        foreach (var (question, waiting) in _owing)
        {
            if (time.GetElapsedTime(waiting.IdleSince) >= LongestIdle && _owing.TryRemove(question, out var connection))
                connection.Dispose();
        }
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

        foreach (var question in _owing.Keys)
        {
            if (_owing.TryRemove(question, out var connection))
                connection.Dispose();
        }
    }
}
