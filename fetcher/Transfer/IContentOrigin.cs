using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Transfer;

/// <summary>Where one file's bytes come from; used by several threads at once, which block in it.</summary>
internal interface IContentOrigin
{
    /// <summary>Opens the file for reading.</summary>
    /// <param name="from">First byte wanted.</param>
    /// <param name="to">One past the last byte wanted.</param>
    /// <param name="whole">Whether the range is known to be the entire file, so that no range need be asked for.</param>
    /// <param name="cancellationToken">Aborts the call and every read of what it gave.</param>
    /// <exception cref="TransferException">What happened on the wire, and what to do about it.</exception>
    OpenContent Open(long from, long to, bool whole, CancellationToken cancellationToken);

    /// <summary>Opens the entire file, and may ask along for the files that the same thread opens next: their answers are then on their way before they are opened.</summary>
    /// <param name="size">The file's bytes.</param>
    /// <param name="next">Where those files come from, in their order; that they are opened in the end is likely, not certain.</param>
    /// <param name="cancellationToken">As for <see cref="Open"/>.</param>
    /// <exception cref="TransferException">What happened on the wire, and what to do about it.</exception>
    OpenContent OpenWhole(long size, IReadOnlyList<IContentOrigin> next, CancellationToken cancellationToken) => Open(0, size, whole: true, cancellationToken);

    /// <summary>What <see cref="OpenWhole"/> would ask a web server for; null where it would do something else first.</summary>
    WebQuestion? Foreseen => null;
}

/// <summary>An open answer of a source.</summary>
/// <param name="body">Blocks in <c>Read</c>; gives 0 only where the source ended the body.</param>
/// <param name="from">Where the body begins: what was asked for, or 0 when the source knows no ranges.</param>
/// <param name="owner">What to dispose besides the body.</param>
internal sealed class OpenContent(Stream body, long from, IDisposable? owner = null) : IDisposable
{
    /// <summary>The bytes.</summary>
    public Stream Body => body;

    /// <summary>Where the body begins.</summary>
    public long From => from;

    /// <inheritdoc/>
    public void Dispose()
    {
        body.Dispose();
        owner?.Dispose();
    }
}
