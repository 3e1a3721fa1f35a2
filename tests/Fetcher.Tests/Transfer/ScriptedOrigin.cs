using System.Collections.Concurrent;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Tests.Transfer;

/// <summary>A source in memory that does what a test tells it: each open passes through <see cref="OnOpen"/> first.</summary>
internal sealed class ScriptedOrigin(byte[] content) : IContentOrigin
{
    private int _opens;

    public byte[] Content { get; set; } = content;

    /// <summary>Whether ranges are ignored, as by a server that answers 200.</summary>
    public bool IgnoresRanges { get; init; }

    /// <summary>May throw, or give a stream of its own; the number counts the opens from 1.</summary>
    public Func<int, long, long, Stream?>? OnOpen { get; set; }

    /// <summary>Every range that was asked for.</summary>
    public ConcurrentQueue<(long From, long To)> Asked { get; } = [];

    public int Opens => _opens;

    public OpenContent Open(long from, long to, bool whole, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Asked.Enqueue((from, to));
        var number = Interlocked.Increment(ref _opens);
        if (OnOpen?.Invoke(number, from, to) is { } stream)
            return new OpenContent(stream, from);
        return IgnoresRanges
            ? new OpenContent(new MemoryStream(Content, writable: false), 0)
            : new OpenContent(new MemoryStream(Content, (int)from, (int)(to - from), writable: false), from);
    }
}
