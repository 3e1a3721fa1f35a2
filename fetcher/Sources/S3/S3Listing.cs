using System.Net;
using Stevedore.Contract;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Sources.Mirrors;

namespace Stevedore.Fetcher.Sources.S3;

/// <summary>The files of a model in a bucket, as their paths: what lies below the prefix, else the one object of that name.</summary>
internal static class S3Listing
{
    /// <summary>Lists the model, sorted by path.</summary>
    /// <exception cref="FetchException">66 where there is nothing, 65 where a key climbs, 69 for a mirror that is not whole.</exception>
    public static async Task<IReadOnlyList<(string Path, S3Object Object)>> ReadAsync(
        S3Bucket bucket, S3Reference reference, Patience patience, CancellationToken cancellationToken)
    {
        var objects = await bucket.ListAsync(reference.Prefix, patience, cancellationToken);
        if (objects.FirstOrDefault(entry => !entry.Key.StartsWith(reference.Prefix, StringComparison.Ordinal)) is { } stray)
        {
            throw new FetchException(
                ExitCode.WrongContent, $"{bucket.Place.Store} lists {Quoted.Text(stray.Key)}, which does not lie below {reference}; check that the endpoint is an S3 store.");
        }

        // Consoles and some tools leave empty objects that stand for folders, the prefix itself among them.
        var files = objects.Where(entry => !(entry.Size == 0 && (entry.Key.EndsWith('/') || entry.Key == reference.Prefix)))
            .Select(entry => (Path: entry.Key[reference.Prefix.Length..], Object: entry)).ToList();
        if (files.Exists(entry => entry.Path == MirrorLayout.Unfinished))
            throw MirrorLayout.NotWhole(reference);
        files.RemoveAll(entry => MirrorLayout.IsOwn(entry.Path));
        if (files.Count == 0)
            return await SingleAsync(bucket, reference, patience, cancellationToken);
        PathGuard.Check(files.Select(entry => entry.Path), reference.ToString());
        return [.. files.OrderBy(entry => entry.Path, StringComparer.Ordinal)];
    }

    /// <summary>The keys that a listed file can have, the likelier one first: below the prefix, or the very object that the reference names.</summary>
    public static IReadOnlyList<string> KeysOf(S3Reference reference, string path)
    {
        var single = reference.Prefix.TrimEnd('/');
        return path == single[(single.LastIndexOf('/') + 1)..] ? [reference.Prefix + path, single] : [reference.Prefix + path];
    }

    /// <summary>Nothing lies below the prefix: without its slash it may be an object's key.</summary>
    private static async Task<IReadOnlyList<(string Path, S3Object Object)>> SingleAsync(
        S3Bucket bucket, S3Reference reference, Patience patience, CancellationToken cancellationToken)
    {
        var key = reference.Prefix.TrimEnd('/');
        var path = key[(key.LastIndexOf('/') + 1)..];
        var found = key.Length == 0 ? null : await bucket.AskAsync(
            place => place.Object(key) with { Method = HttpMethod.Head },
            patience,
            path,
            async (answer, body, _) => answer.Status switch
            {
                HttpStatusCode.OK when answer.Response.Content.Headers.ContentLength is { } size => new S3Object(key, size, answer.Header("ETag"), "?"),
                // Where a list may not be asked for, what is not there looks forbidden; the list was not refused, so it is not there.
                HttpStatusCode.NotFound or HttpStatusCode.Forbidden => null,
                _ => throw await bucket.ExplainAsync(answer, body, path),
            },
            cancellationToken);
        return found is not null
            ? [(path, found)]
            : throw new FetchException(
                ExitCode.NotFound, $"{reference} holds no file at {bucket.Place.Store}; check bucket and prefix, and --s3-endpoint or AWS_ENDPOINT_URL_S3 if it is elsewhere.");
    }
}
