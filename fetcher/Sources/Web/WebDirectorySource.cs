using Stevedore.Contract.References;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Transfer;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Sources.Web;

/// <summary>A directory on a web server, or one file.</summary>
/// <param name="reference">Which.</param>
/// <param name="authorization">The value of <c>Authorization</c> for its host; null for none.</param>
/// <param name="web">For the content.</param>
/// <param name="calls">For everything else.</param>
internal sealed class WebDirectorySource(HttpReference reference, string? authorization, WebConnections web, WebCalls calls) : IModelSource
{
    private readonly WebPlace _place = new(reference, authorization, calls);

    /// <inheritdoc/>
    public ModelReference Reference => reference;

    /// <inheritdoc/>
    public string? ImmutableVersion => null;

    /// <inheritdoc/>
    public Task<string?> ResolveAsync(Patience patience, CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    /// <inheritdoc/>
    public async Task<ModelManifest> ListAsync(string? version, FileFilter filter, Patience patience, CancellationToken cancellationToken)
    {
        var manifest = reference.IsDirectory
            ? await SumsListing.TryAsync(_place, filter, patience, cancellationToken)
                ?? await AutoIndexListing.TryAsync(_place, patience, cancellationToken)
                ?? await WellKnownListing.FindAsync(_place, patience, cancellationToken)
            : await SingleFileAsync(patience, cancellationToken);
        return manifest.Pinned(version, reference);
    }

    /// <inheritdoc/>
    public IContentOrigin OriginOf(string version, ManifestFile file) => new WebOrigin(
        web,
        _place.Question(reference.IsDirectory ? file.Path : ""),
        file.Size,
        file is { Digest: null, Validator: { } validator } ? new Validator(validator) : null,
        answer => WebRefusal.Explain(reference, answer));

    private async Task<ModelManifest> SingleFileAsync(Patience patience, CancellationToken cancellationToken)
    {
        var name = Uri.UnescapeDataString(reference.Address.Segments[^1]);
        var probe = await _place.ProbeAsync("", patience, cancellationToken);
        return probe.Size is not null
            ? Listing.Of([probe.ToFile() with { Path = name }])
            : throw WebRefusal.Missing(reference, probe.Status);
    }
}
