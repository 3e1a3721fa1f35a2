using Stevedore.Contract;

namespace Stevedore.Fetcher.Transfer.Web;

/// <summary>The body of a short answer, which is never read without end and never waited for without end.</summary>
/// <param name="inner">The body.</param>
/// <param name="who">Who sends it, for a sentence.</param>
/// <param name="settings">How long a silence may be.</param>
internal sealed class BoundedBody(Stream inner, string who, WebSettings settings) : ForwardStream
{
    /// <summary>More than any list of files of a model takes; a page of the Hub's has a thousand entries.</summary>
    public const long Longest = 256L << 20;

    private long _read;

    /// <inheritdoc/>
    /// <exception cref="FetchException">65: it is longer than any sensible answer.</exception>
    /// <exception cref="IOException">It broke off or stalled.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var limit = new CancellationTokenSource(settings.StallTimeout, settings.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var read = await inner.ReadAsync(buffer, either.Token);
        _read += read;
        return _read <= Longest
            ? read
            : throw new FetchException(ExitCode.WrongContent, $"{who} sends a list of more than {Longest >> 20} MiB; check that it is a model that is asked for.");
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer) => throw new NotSupportedException("Short answers are read without holding a thread.");
}
