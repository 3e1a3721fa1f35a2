using Stevedore.Contract;
using Stevedore.Contract.CommandLine;
using Stevedore.Contract.Layout;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Publishing;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Sources;

namespace Stevedore.Fetcher.Fetching;

/// <summary>The version that a reference gets in this run.</summary>
/// <param name="Source">Where it comes from.</param>
/// <param name="Folder">The model's folder in the cache.</param>
/// <param name="Version">The version.</param>
/// <param name="FreshAt">When the source itself said so in this run; null where it was not asked.</param>
/// <param name="Complete">Its record when everything wanted is published.</param>
/// <param name="Manifest">Its files when they are known already.</param>
/// <param name="Fallback">An older version that is complete, for a source that gives out half-way.</param>
internal sealed record ChosenVersion(
    IModelSource Source, string Folder, string Version, DateTimeOffset? FreshAt, Completion? Complete, ModelManifest? Manifest, Completion? Fallback = null);

/// <summary>
/// Decides which version a reference means: what the pod was given before, what the reference can only mean, what was remembered, what the source says,
/// and, where the source is silent, what is published.
/// </summary>
internal sealed class VersionChooser(FetchCommand command, CacheLayout cache, VersionRecords records, PodView? view, IRunLog log, TimeProvider time)
{
    private readonly FileFilter _filter = new(command.Include, command.Exclude);

    /// <summary>Decides for one reference.</summary>
    public async Task<ChosenVersion> ChooseAsync(IModelSource source, CancellationToken cancellationToken)
    {
        var folder = source.Folder;
        var remembered = records.Resolution(folder, RevisionOf(source.Reference), _filter.Key);
        if (source.ImmutableVersion is { } only)
            return await WithFilesAsync(source, folder, only, null, cancellationToken).ConfigureAwait(false);
        if (view?.PinOf(source.Reference) is { } pin && await TryPinnedAsync(source, folder, pin, cancellationToken).ConfigureAwait(false) is { } pinned)
            return pinned;
        if (remembered is not null && (IsRecent(remembered) || command.RequirePresent))
        {
            if (CompleteVersion(folder, remembered.Version) is { } complete)
                return new ChosenVersion(source, folder, remembered.Version, null, complete, null);
        }

        if (command.RequirePresent)
            throw Missing(source.Reference);

        var fallback = remembered is null ? null : CompleteVersion(folder, remembered.Version);
        try
        {
            var patience = fallback is null ? Patience.Long : Patience.Short;
            var askedAt = time.GetUtcNow();
            var version = await source.ResolveAsync(patience, cancellationToken).ConfigureAwait(false);
            var chosen = version is not null
                ? await WithFilesAsync(source, folder, version, askedAt, cancellationToken, patience).ConfigureAwait(false)
                : WithListed(source, folder, await source.ListAsync(null, _filter, patience, cancellationToken).ConfigureAwait(false), askedAt);
            return chosen with { Fallback = fallback };
        }
        catch (SourceUnavailableException error) when (fallback is not null)
        {
            log.Warn(
                $"{source.Reference}: {error.Message} Going on with version {fallback.Version}, which was current on {remembered!.At:yyyy-MM-dd HH:mm} UTC.");
            return new ChosenVersion(source, folder, fallback.Version, null, fallback, null);
        }
    }

    /// <summary>What the reference asks for, as far as its meaning can change.</summary>
    public static string RevisionOf(ModelReference reference) => reference is HubReference hub ? hub.RevisionOrDefault : "current";

    private static FetchException Missing(ModelReference reference) => new(
        ExitCode.NotFound,
        $"{reference} is not in the cache, and --require-present forbids to fetch it; fetch it first, for example with a prefetch Job.");

    // A record from the future is no proof of freshness: the clock that wrote it was wrong, or this one is.
    private bool IsRecent(Resolution resolution) =>
        time.GetUtcNow() - resolution.At is var age && age >= TimeSpan.Zero && age < command.Refresh;

    /// <summary>The version that the pod was given before; null, with a warning, where it is neither in the cache nor at its source any more.</summary>
    private async Task<ChosenVersion?> TryPinnedAsync(IModelSource source, string folder, string version, CancellationToken cancellationToken)
    {
        try
        {
            return await WithFilesAsync(source, folder, version, null, cancellationToken).ConfigureAwait(false);
        }
        catch (FetchException gone) when (gone.Code == ExitCode.NotFound && !command.RequirePresent)
        {
            log.Warn($"{source.Reference}: this pod had version {version}, which is nowhere to be had any more; it gets the current one instead.");
            return null;
        }
    }

    private async Task<ChosenVersion> WithFilesAsync(
        IModelSource source, string folder, string version, DateTimeOffset? freshAt, CancellationToken cancellationToken, Patience patience = Patience.Long)
    {
        if (CompleteVersion(folder, version) is { } complete)
            return new ChosenVersion(source, folder, version, freshAt, complete, null);
        if (command.RequirePresent)
            throw Missing(source.Reference);
        var manifest = records.Manifest(folder, version, _filter.Key)
            ?? await source.ListAsync(version, _filter, patience, cancellationToken).ConfigureAwait(false);
        return new ChosenVersion(source, folder, version, freshAt, null, manifest);
    }

    private ChosenVersion WithListed(IModelSource source, string folder, ModelManifest manifest, DateTimeOffset freshAt) =>
        new(source, folder, manifest.Version, freshAt, CompleteVersion(folder, manifest.Version), manifest);

    /// <summary>The record of a version whose files are all there now; with <c>--verification full</c> they are hashed again later, see <see cref="FetchFlow"/>.</summary>
    private Completion? CompleteVersion(string folder, string version)
    {
        var snapshot = new Snapshot(cache, folder, version);
        return records.Completion(folder, version, _filter.Key) is { } completion && completion.Files.All(snapshot.Holds) ? completion : null;
    }
}
