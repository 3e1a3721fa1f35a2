using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Transfer;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Sources.Mirrors;

/// <summary>One file's bytes from whichever place serves now; the next one goes on where this one fails for good, or too often without a byte in between.</summary>
/// <param name="source">The places.</param>
/// <param name="version">The version.</param>
/// <param name="file">The file as it was listed.</param>
internal sealed class MirroredOrigin(MirroredSource source, string version, ManifestFile file) : IContentOrigin
{
    /// <summary>Less than the engine's own eight, after which the run would end.</summary>
    private const int MostFailures = 3;

    private readonly IContentOrigin?[] _origins = new IContentOrigin?[source.Count];
    private int _failures;
    private bool _isChecked;

    /// <inheritdoc/>
    public WebQuestion? Foreseen => Volatile.Read(ref _isChecked) ? OriginAt(source.Current).Foreseen : null;

    /// <inheritdoc/>
    public OpenContent Open(long from, long to, bool whole, CancellationToken cancellationToken) =>
        Open(origin => origin.Open(from, to, whole, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public OpenContent OpenWhole(long size, IReadOnlyList<IContentOrigin> next, CancellationToken cancellationToken) =>
        Open(origin => origin.OpenWhole(size, next, cancellationToken), cancellationToken);

    private OpenContent Open(Func<IContentOrigin, OpenContent> at, CancellationToken cancellationToken)
    {
        CheckFirst(cancellationToken);
        while (true)
        {
            var place = source.Current;
            try
            {
                var open = at(OriginAt(place));
                return place + 1 == source.Count ? open : new OpenContent(new WatchedBody(open.Body, this), open.From, open);
            }
            catch (TransferException error) when (Gives(error) && TryMoveOn(place, error, cancellationToken))
            {
                Interlocked.Exchange(ref _failures, 0);
            }
        }
    }

    // A version that an earlier run listed is fetched without asking again who has it.
    private void CheckFirst(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _isChecked))
            return;
        var place = source.Current;
        if (!source.Serves(place, version, cancellationToken))
            source.TryMoveOn(place, version, "The mirror before does not hold this version.", cancellationToken);
        Volatile.Write(ref _isChecked, true);
    }

    private bool Gives(TransferException error) => error.Fault switch
    {
        TransferFault.Transient => Interlocked.Increment(ref _failures) >= MostFailures,
        // Refused, or no longer the content that was listed.
        _ => true,
    };

    /// <summary>Bytes of two places are mixed only where a digest tells whether they belong together.</summary>
    private bool TryMoveOn(int place, TransferException error, CancellationToken cancellationToken) =>
        file.Digest is not null && source.TryMoveOn(place, version, error.Message, cancellationToken);

    private IContentOrigin OriginAt(int place) => Volatile.Read(ref _origins[place]) ?? Make(place);

    private IContentOrigin Make(int place)
    {
        var made = source.OriginAt(place, version, file);
        return Interlocked.CompareExchange(ref _origins[place], made, null) ?? made;
    }

    /// <summary>Counts what breaks after it was opened, too.</summary>
    private sealed class WatchedBody(Stream inner, MirroredOrigin origin) : ForwardStream
    {
        public override int Read(Span<byte> buffer)
        {
            try
            {
                var read = inner.Read(buffer);
                if (read > 0)
                    Interlocked.Exchange(ref origin._failures, 0);
                return read;
            }
            catch (TransferException error) when (error.Fault == TransferFault.Transient)
            {
                Interlocked.Increment(ref origin._failures);
                throw;
            }
        }
    }
}
