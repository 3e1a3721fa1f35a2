using Stevedore.Contract;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Transfer;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Sources.S3;

/// <summary>An object's bytes, over the same connections as any web server's; asked for in another region where the store says that the bucket is there.</summary>
/// <param name="web">The connections.</param>
/// <param name="bucket">The bucket.</param>
/// <param name="keys">The keys that the object can have, the likelier one first.</param>
/// <param name="file">The file as it was listed.</param>
internal sealed class S3Origin(WebConnections web, S3Bucket bucket, IReadOnlyList<string> keys, ManifestFile file) : IContentOrigin
{
    private Reached? _reached;

    private int _key;

    /// <inheritdoc/>
    public WebQuestion? Foreseen => bucket.KeysAreFound ? Reach(default).Origin.Foreseen : null;

    /// <inheritdoc/>
    public OpenContent Open(long from, long to, bool whole, CancellationToken cancellationToken) =>
        Open(origin => origin.Open(from, to, whole, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public OpenContent OpenWhole(long size, IReadOnlyList<IContentOrigin> next, CancellationToken cancellationToken) =>
        Open(origin => origin.OpenWhole(size, next, cancellationToken), cancellationToken);

    private OpenContent Open(Func<WebOrigin, OpenContent> at, CancellationToken cancellationToken)
    {
        var moved = false;
        while (true)
        {
            var reached = Reach(cancellationToken);
            try
            {
                return at(reached.Origin);
            }
            catch (TransferException refused) when (!moved && refused.Final is { } final && bucket.TryMove(final, reached.Place))
            {
                moved = true;
            }
            catch (TransferException refused) when (refused.Final?.Code == ExitCode.NotFound && reached.Key + 1 < keys.Count)
            {
                Interlocked.CompareExchange(ref _key, reached.Key + 1, reached.Key);
            }
        }
    }

    private Reached Reach(CancellationToken cancellationToken)
    {
        // A version that was listed by an earlier run is fetched without another list: the keys may still have to be found.
        try
        {
            bucket.FindKeysAsync(cancellationToken).GetAwaiter().GetResult();
        }
        catch (FetchException refused)
        {
            throw new TransferException(TransferFault.Final, refused.Message, final: refused, inner: refused);
        }

        var (place, key) = (bucket.Place, Volatile.Read(ref _key));
        var reached = Volatile.Read(ref _reached);
        if (reached?.Place == place && reached.Key == key)
            return reached;
        reached = new Reached(place, key, new WebOrigin(
            web, place.Object(keys[key]), file.Size, file.Validator is { } etag ? new Validator(etag) : null, answer => bucket.Explain(answer, file.Path)));
        Volatile.Write(ref _reached, reached);
        return reached;
    }

    private sealed record Reached(S3Place Place, int Key, WebOrigin Origin);
}
