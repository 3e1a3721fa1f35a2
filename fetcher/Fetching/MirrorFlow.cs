using System.Text;
using Stevedore.Contract;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Publishing.Copies;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Sources;
using Stevedore.Fetcher.Sources.Mirrors;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Fetching;

/// <summary>The copy, top to bottom: version → manifest → what is there → what is missing, verified on its way → the copy's own manifest, last.</summary>
/// <param name="source">Where the model comes from.</param>
/// <param name="target">Where it goes.</param>
/// <param name="filter">Which files are wanted.</param>
/// <param name="filesAtOnce">Files that are copied at once.</param>
/// <param name="backoff">The pauses between tries.</param>
/// <param name="log">Where the run speaks to a person.</param>
/// <param name="meter">Counts.</param>
/// <param name="time">The clock.</param>
internal sealed class MirrorFlow(
    IModelSource source, ICopyTarget target, FileFilter filter, int filesAtOnce, Backoff backoff, IRunLog log, FetchMeter meter, TimeProvider time)
{
    /// <summary>Runs to the end; what is there and unchanged is not sent again.</summary>
    /// <exception cref="FetchException">65, 66, 69, 73, 77: why it can't be copied; what has arrived is kept for the next run.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var version = source.ImmutableVersion ?? await source.ResolveAsync(Patience.Long, cancellationToken).ConfigureAwait(false);
        var listed = await source.ListAsync(version, filter, Patience.Long, cancellationToken).ConfigureAwait(false);
        var wanted = Wanted(listed);
        meter.Want(wanted.Count, wanted.Sum(file => file.Size));

        var there = await target.ListAsync(cancellationToken).ConfigureAwait(false);
        var before = await ReadAsync(there, MirrorLayout.Manifest, cancellationToken).ConfigureAwait(false);
        var begun = await ReadAsync(there, MirrorLayout.Unfinished, cancellationToken).ConfigureAwait(false);
        var progress = new CopyProgress(source.Reference.ToString(), listed, [.. Known(listed, there, before), .. Known(listed, there, begun)], target, time);
        var missing = wanted.Where(file => !progress.Has(file.Path)).ToList();
        Count(wanted.Except(missing));
        if (missing.Count == 0 && begun is null && before?.Version == listed.Version)
        {
            log.Info($"{source.Reference} is there already, version {listed.Version}.");
            return;
        }

        await progress.BeginAsync(replaces: before is not null && before.Version != listed.Version, cancellationToken).ConfigureAwait(false);
        try
        {
            CopyAll(listed.Version, missing, progress, cancellationToken);
        }
        finally
        {
            progress.Note();
        }

        await FinishAsync(listed, before, progress, cancellationToken).ConfigureAwait(false);
    }

    private IReadOnlyList<ManifestFile> Wanted(ModelManifest listed)
    {
        PathGuard.Check(listed.Files.Select(file => file.Path), source.Reference.ToString());
        if (listed.Files.FirstOrDefault(file => MirrorLayout.IsOwn(file.Path)) is { } own)
            throw new FetchException(ExitCode.WrongContent, $"{source.Reference} has the file {own.Path}, and that name is a copy's own; the publisher must rename it.");
        var wanted = filter.Select(listed.Files);
        if (filter.Doubt([.. listed.Files.Select(file => file.Path)]) is { } doubt)
            log.Warn($"{source.Reference}: {doubt}");
        return wanted.Count > 0
            ? wanted
            : throw new FetchException(ExitCode.NotFound, $"{source.Reference} has no file that {filter.Describe()} wants; change --include or --exclude.");
    }

    /// <summary>What an earlier run wrote and nobody has changed since; without a digest of the original's only for the very same version.</summary>
    private static IEnumerable<CopiedFile> Known(ModelManifest listed, IReadOnlyDictionary<string, StoredFile> there, CopyManifest? earlier)
    {
        var files = listed.Files.ToDictionary(file => file.Path, StringComparer.Ordinal);
        return (earlier?.Files ?? []).Where(copied =>
            copied.IsThere
            && files.TryGetValue(copied.Path, out var file)
            && there.TryGetValue(copied.Path, out var stored)
            && stored.Size == file.Size && copied.Size == file.Size && stored.Tag == copied.Tag
            && (file.Digest is null ? earlier!.Version == listed.Version : file.Digest.ToString() == copied.Digest));
    }

    private async Task<CopyManifest?> ReadAsync(IReadOnlyDictionary<string, StoredFile> there, string path, CancellationToken cancellationToken)
    {
        if (!there.ContainsKey(path) || await target.ReadAsync(path, cancellationToken).ConfigureAwait(false) is not { } content)
            return null;
        try
        {
            return CopyManifest.Read(content, "");
        }
        catch (FetchException broken)
        {
            log.Warn($"{broken.Message} Everything is copied anew.");
            return null;
        }
    }

    private void CopyAll(string version, List<ManifestFile> missing, CopyProgress progress, CancellationToken cancellationToken)
    {
        var copier = new FileCopier(source, version, target, backoff, meter);
        // Large files first, so that none of them is alone at the end.
        var queue = new Queue<ManifestFile>(missing.OrderByDescending(file => file.Size));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Exception? failure = null;
        var threads = Enumerable.Range(0, Math.Min(filesAtOnce, missing.Count))
            .Select(index => new Thread(Work, maxStackSize: 1 << 20) { IsBackground = true, Name = $"copy {index}" }).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        cancellationToken.ThrowIfCancellationRequested();
        if (failure is not null)
            throw failure;

        void Work()
        {
            try
            {
                while (Next() is { } file)
                {
                    var copied = copier.Copy(file, stop.Token);
                    Count([file]);
                    progress.Add(copied);
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
            }
            catch (Exception error)
            {
                // The first failure is the run's; the other threads only stop because of it.
                Interlocked.CompareExchange(ref failure, error, null);
                stop.Cancel();
            }
        }

        ManifestFile? Next()
        {
            lock (queue)
                return !stop.IsCancellationRequested && queue.TryDequeue(out var file) ? file : null;
        }
    }

    private async Task FinishAsync(ModelManifest listed, CopyManifest? before, CopyProgress progress, CancellationToken cancellationToken)
    {
        var manifest = progress.ToManifest();
        var paths = listed.Files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        foreach (var stale in (before?.Files ?? []).Where(file => file.IsThere && !paths.Contains(file.Path)))
            await target.DeleteAsync(stale.Path, cancellationToken).ConfigureAwait(false);

        // So that the folder is also a source of its own with digests, and sha256sum can check it; a model's own list is its publisher's.
        if (!paths.Contains(Sha256Sums.FileName))
        {
            var sums = string.Concat(manifest.Files.Where(file => file.IsThere).Select(file => $"{file.Sha256}  {file.Path}\n"));
            await target.WriteAsync(Sha256Sums.FileName, Encoding.UTF8.GetBytes(sums), cancellationToken).ConfigureAwait(false);
        }

        await target.WriteAsync(MirrorLayout.Manifest, manifest.ToBytes(), cancellationToken).ConfigureAwait(false);
        await target.DeleteAsync(MirrorLayout.Unfinished, cancellationToken).ConfigureAwait(false);
    }

    private void Count(IEnumerable<ManifestFile> files)
    {
        foreach (var file in files)
        {
            meter.Present(file.Size);
            meter.Published(1);
        }
    }
}
