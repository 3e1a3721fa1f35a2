using System.Xml;
using Stevedore.Contract;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Sources.S3;

/// <summary>A bucket: finds its keys and its region, and asks it the short questions.</summary>
/// <param name="reference">What the person wrote.</param>
/// <param name="settings">Which store.</param>
/// <param name="credentials">As whom.</param>
/// <param name="calls">Asks.</param>
/// <param name="web">How long to wait, and the clock of signatures.</param>
internal sealed class S3Bucket(S3Reference reference, S3Settings settings, S3Credentials credentials, WebCalls calls, WebSettings web)
{
    // A page has a thousand entries.
    private const int MostPages = 1_000;
    private const int MostObjects = 100_000;

    private readonly S3Refusal _refusal = new(reference, credentials);
    private S3Place? _place;

    /// <summary>What the person wrote.</summary>
    public S3Reference Reference => reference;

    /// <summary>Where it is asked, as far as is known.</summary>
    public S3Place Place => Volatile.Read(ref _place) ?? Settle(settings.Region ?? S3Settings.DefaultRegion);

    /// <summary>How a run ends that this answer ends.</summary>
    /// <param name="answer">Not a success.</param>
    /// <param name="body">Its body.</param>
    /// <param name="file">Which file was asked for; null for the list.</param>
    public async Task<FetchException> ExplainAsync(WebAnswer answer, Stream body, string? file) =>
        _refusal.Explain(Place, answer, await S3Error.OfAsync(answer, body), file);

    /// <summary>Does what <see cref="ExplainAsync"/> does on the calling thread.</summary>
    public FetchException Explain(WebAnswer answer, string? file) => _refusal.Explain(Place, answer, S3Error.Of(answer, web), file);

    /// <summary>Whether the keys were found.</summary>
    public bool KeysAreFound => credentials.AreFound;

    /// <summary>Finds the keys; once, and before anything is asked.</summary>
    public Task FindKeysAsync(CancellationToken cancellationToken) => credentials.FindAsync(cancellationToken);

    /// <summary>Takes a hint about the region; false where it is none, or leads nowhere.</summary>
    public bool TryMove(FetchException refused, S3Place asked)
    {
        if (refused is not S3ElsewhereException elsewhere)
            return false;
        // Several streams may get the same hint; the first one moves them all.
        if (Place == asked)
            Settle(elsewhere.Region);
        return Place.Region == elsewhere.Region && asked.Region != elsewhere.Region;
    }

    /// <summary>All objects below a prefix, page by page.</summary>
    /// <exception cref="FetchException">66, 77, 69, or 65 for a list without end.</exception>
    public async Task<IReadOnlyList<S3Object>> ListAsync(string prefix, Patience patience, CancellationToken cancellationToken)
    {
        var objects = new List<S3Object>();
        string? continuation = null;
        for (var pages = 1; ; pages++)
        {
            var page = await AskAsync(place => place.List(prefix, continuation), patience, null, ReadPageAsync, cancellationToken);
            objects.AddRange(page!.Objects);
            if (page.Continuation is null)
                return objects;
            if (pages == MostPages || objects.Count > MostObjects || page.Continuation == continuation)
            {
                throw new FetchException(
                    ExitCode.WrongContent, $"{Place.Store} lists more than {MostObjects} objects below {reference}, or without end; name the model's own prefix.");
            }

            continuation = page.Continuation;
        }
    }

    /// <summary>Reads a short object below the reference's prefix; null where it is not there.</summary>
    public Task<byte[]?> ReadAsync(string path, Patience patience, CancellationToken cancellationToken) => AskAsync(
        place => place.Object(reference.Prefix + path),
        patience,
        path,
        async (answer, body, stop) =>
        {
            if (!answer.Response.IsSuccessStatusCode)
                return await ExplainAsync(answer, body, path) is var refused && refused.Code == ExitCode.NotFound ? null : throw refused;
            using var bytes = new MemoryStream();
            await body.CopyToAsync(bytes, stop);
            return bytes.ToArray();
        },
        cancellationToken);

    /// <summary>Asks, and once more in another region where the store says that the bucket is there.</summary>
    /// <param name="question">What to ask of a place.</param>
    /// <param name="patience">How much trouble to sit out.</param>
    /// <param name="file">Which file is asked for; null for the list.</param>
    /// <param name="read">Reads a success, and gives null for another answer that is no refusal.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    public async Task<T?> AskAsync<T>(
        Func<S3Place, WebQuestion> question, Patience patience, string? file, Func<WebAnswer, Stream, CancellationToken, Task<T?>> read, CancellationToken cancellationToken)
        where T : class
    {
        await FindKeysAsync(cancellationToken);
        for (var moved = false; ; moved = true)
        {
            var place = Place;
            try
            {
                return await calls.AskAsync(question(place), patience, read, cancellationToken);
            }
            catch (S3ElsewhereException refused) when (!moved && TryMove(refused, place))
            {
                // The same question in the right region.
            }
        }
    }

    private async Task<S3ListPage?> ReadPageAsync(WebAnswer answer, Stream body, CancellationToken cancellationToken)
    {
        if (!answer.Response.IsSuccessStatusCode)
            throw await ExplainAsync(answer, body, null);
        try
        {
            return await S3ListReader.ReadAsync(body, Place.Store);
        }
        catch (XmlException broken)
        {
            // As a connection that broke off: asked again, and in the end the source's fault.
            throw new ConnectionException($"{Place.Store} sent a list of {reference} that breaks off or is not XML", broken);
        }
    }

    private S3Place Settle(string region)
    {
        var place = new S3Place(settings, reference.Bucket, region, new SignatureV4(credentials.Current, region, web.Time));
        Volatile.Write(ref _place, place);
        return place;
    }
}
