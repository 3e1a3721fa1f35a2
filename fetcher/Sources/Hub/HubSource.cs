using System.Text.Json;
using Stevedore.Contract;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Transfer;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Sources.Hub;

/// <summary>A repository of the Hugging Face Hub.</summary>
/// <param name="reference">Which.</param>
/// <param name="endpoint">Which Hub, and as whom.</param>
/// <param name="web">For the content.</param>
/// <param name="calls">For the API.</param>
internal sealed class HubSource(HubReference reference, HubEndpoint endpoint, WebConnections web, WebCalls calls) : IModelSource
{
    private const int CommitLength = 40;

    // A page has a thousand entries; the largest repositories of models have a few ten thousand files.
    private const int MostPages = 1_000;
    private const int MostFiles = 100_000;

    private readonly HubRefusal _refusal = new(endpoint, reference);
    private readonly string _id = WebAddress.Encoded(reference.Id);

    /// <inheritdoc/>
    public ModelReference Reference => reference;

    /// <inheritdoc/>
    public string? ImmutableVersion => IsCommit(reference.Revision) ? reference.Revision!.ToLowerInvariant() : null;

    /// <inheritdoc/>
    public async Task<string?> ResolveAsync(Patience patience, CancellationToken cancellationToken)
    {
        var request = endpoint.Ask($"api/models/{_id}/revision/{Uri.EscapeDataString(reference.RevisionOrDefault)}");
        var revision = await calls.AskAsync(request, patience, ReadRevisionAsync, cancellationToken);
        return IsCommit(revision?.Sha)
            ? revision!.Sha!.ToLowerInvariant()
            : throw new FetchException(
                ExitCode.WrongContent, $"{endpoint} names no commit for {reference}; check that HF_ENDPOINT is a server that speaks the Hub's API.");
    }

    /// <inheritdoc/>
    public async Task<ModelManifest> ListAsync(string? version, FileFilter filter, Patience patience, CancellationToken cancellationToken)
    {
        var commit = version ?? (await ResolveAsync(patience, cancellationToken))!;
        var files = new List<ManifestFile>();
        var page = endpoint.Ask($"api/models/{_id}/tree/{commit}?recursive=true&expand=false");
        for (var pages = 1; ; pages++)
        {
            var before = files.Count;
            var next = await calls.AskAsync(page, patience, (answer, body, stop) => ReadPageAsync(answer, body, files, before, stop), cancellationToken);
            if (next is null)
                break;
            if (pages == MostPages || files.Count > MostFiles)
                throw Endless();
            page = endpoint.Ask(next);
        }

        PathGuard.Check(files.Select(file => file.Path), reference.ToString());
        return files.Count > 0
            ? new ModelManifest(commit, files)
            : throw new FetchException(ExitCode.NotFound, $"{reference} at {endpoint} has no files at commit {commit}; name another revision.");
    }

    /// <inheritdoc/>
    public IContentOrigin OriginOf(string version, ManifestFile file) => new WebOrigin(
        web,
        endpoint.Ask($"{_id}/resolve/{version}/{WebAddress.Encoded(file.Path)}"),
        file.Size,
        validator: null,
        answer => _refusal.Explain(answer, file.Path));

    private static bool IsCommit(string? text) => text?.Length == CommitLength && text.All(char.IsAsciiHexDigit);

    private async Task<HubRevision?> ReadRevisionAsync(WebAnswer answer, Stream body, CancellationToken cancellationToken)
    {
        if (!answer.Response.IsSuccessStatusCode)
            throw _refusal.Explain(answer);
        try
        {
            return await JsonSerializer.DeserializeAsync(body, HubJson.Default.HubRevision, cancellationToken);
        }
        catch (JsonException broken)
        {
            throw NotJson(broken);
        }
    }

    /// <summary>Adds a page's files behind those of the pages before it, whatever an earlier try has left, and gives the next page's address.</summary>
    private async Task<Uri?> ReadPageAsync(WebAnswer answer, Stream body, List<ManifestFile> files, int before, CancellationToken cancellationToken)
    {
        if (!answer.Response.IsSuccessStatusCode)
            throw _refusal.Explain(answer);
        files.RemoveRange(before, files.Count - before);
        try
        {
            await foreach (var entry in JsonSerializer.DeserializeAsyncEnumerable(body, HubJson.Default.HubEntry, cancellationToken))
            {
                if (entry?.Type == "file")
                    files.Add(FileOf(entry));
                if (files.Count > MostFiles)
                    throw Endless();
            }
        }
        catch (JsonException broken)
        {
            throw NotJson(broken);
        }

        var next = PageLink.NextOf(answer);
        return next is null || WebAddress.SameOrigin(next, answer.Asked.Address)
            ? next
            : throw new FetchException(
                ExitCode.WrongContent, $"{endpoint} continues the list of {reference} on {WebAddress.HostShown(next)}, and lists are read from one host only; check HF_ENDPOINT.");
    }

    private ManifestFile FileOf(HubEntry entry)
    {
        var digest = entry.Lfs is { } lfs
            ? ContentDigest.TryCreate(DigestAlgorithm.Sha256, lfs.Oid?.Replace("sha256:", "", StringComparison.Ordinal))
            : ContentDigest.TryCreate(DigestAlgorithm.GitSha1, entry.Oid);
        if (entry.Path is not { Length: > 0 } path)
            throw Malformed("a file without a name");
        if (digest is null)
            throw Malformed($"the file {path} without a valid digest");
        return (entry.Lfs is null ? entry.Size : entry.Lfs.Size) is { } size and >= 0
            ? new ManifestFile(path, size, digest)
            : throw Malformed($"the file {path} without a valid size");
    }

    private FetchException Malformed(string what) =>
        new(ExitCode.WrongContent, $"{endpoint} lists {what} in {reference}; what can't be checked is not fetched, so ask the server's owner to mend its list.");

    private FetchException Endless() =>
        new(ExitCode.WrongContent, $"{endpoint} lists more than {MostFiles} files or {MostPages} pages for {reference}; check that it is a model.");

    private SourceUnavailableException NotJson(JsonException broken) =>
        new($"{endpoint} answered with something that is not the Hub's JSON; check HF_ENDPOINT, and that no login page of a proxy stands between.", broken);
}
