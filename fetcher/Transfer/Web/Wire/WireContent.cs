using System.Net;

namespace Stevedore.Fetcher.Transfer.Web.Wire;

/// <summary>A <see cref="WireBody"/> as the content of a response; it can only be read as a stream.</summary>
internal sealed class WireContent(WireBody body, long length) : HttpContent
{
    /// <inheritdoc/>
    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => body;

    /// <inheritdoc/>
    protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult<Stream>(body);

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        throw new NotSupportedException("The body of an answer is read, not sent on.");

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            body.Dispose();
        base.Dispose(disposing);
    }
}
