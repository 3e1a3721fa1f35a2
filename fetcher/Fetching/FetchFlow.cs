using System.Collections.Concurrent;
using Stevedore.Contract;
using Stevedore.Contract.CommandLine;
using Stevedore.Contract.Layout;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Locking;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Publishing;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Sources;
using Stevedore.Fetcher.Telemetry;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Fetching;

/// <summary>The fetch, top to bottom: references → versions → manifests → plan → transfer and verification → publication → view.</summary>
/// <param name="command">What was asked for.</param>
/// <param name="sourceOf">Where a reference's bytes come from.</param>
/// <param name="engine">Brings contents into the cache.</param>
/// <param name="log">Where the run speaks to a person.</param>
/// <param name="meter">Counts.</param>
/// <param name="time">The clock.</param>
internal sealed class FetchFlow(
    FetchCommand command, Func<ModelReference, IModelSource> sourceOf, ITransferEngine engine, IRunLog log, FetchMeter meter, TimeProvider time)
{
    private readonly CacheLayout _cache = new(command.Cache);
    private readonly VersionRecords _records = new(new CacheLayout(command.Cache));
    private readonly FileFilter _filter = new(command.Include, command.Exclude);
    private readonly VersionUse _use = new(
        command, new CacheLayout(command.Cache), new VersionRecords(new CacheLayout(command.Cache)), new FileFilter(command.Include, command.Exclude).Key, log, time);

    private readonly PodView? _view = command.View is null
        ? null
        : new PodView(new ViewLayout(command.View), new CacheLayout(command.CacheSeenAs ?? command.Cache));

    /// <summary>Runs to the end.</summary>
    /// <returns>Where each model is found, in the order of the references: in the view where there is one, else in the cache.</returns>
    /// <exception cref="FetchException">Why it can't be had.</exception>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        List<WantedVersion> wanted;
        do
        {
            wanted = [.. (await ChooseAsync(cancellationToken).ConfigureAwait(false)).Select(Want)];
            Check(wanted);
        }
        while (!_use.TryClaim([.. wanted.Select(version => version.Chosen)]));

        if (command.Verification == Verification.Full)
            wanted = HashAgain(wanted, cancellationToken);
        meter.Want(wanted.Sum(version => version.Files.Count), wanted.Sum(version => version.Files.Sum(file => file.Size)));

        var incomplete = wanted.Where(version => version.Chosen.Complete is null).ToList();
        CountPresent(wanted.Except(incomplete).SelectMany(version => version.Files));
        if (incomplete.Count > 0)
            wanted = await FetchAsync(wanted, incomplete, cancellationToken).ConfigureAwait(false);
        _use.Remember(wanted.Select(version => version.Chosen));
        return Present(wanted);
    }

    private List<WantedVersion> HashAgain(List<WantedVersion> wanted, CancellationToken cancellationToken)
    {
        var check = new PublishedCheck(command, _cache, _filter, log, meter, time);
        return [.. wanted.Select(version => check.HashAgain(version.Chosen, cancellationToken) is var again && ReferenceEquals(again, version.Chosen) ? version : Want(again))];
    }

    private async Task<IReadOnlyList<ChosenVersion>> ChooseAsync(CancellationToken cancellationToken)
    {
        using var phase = FetchTrace.Phase("choose");
        var chooser = new VersionChooser(command, _cache, _records, _view, log, time);
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                var chosen = new List<ChosenVersion>();
                foreach (var reference in command.References)
                    chosen.Add(await chooser.ChooseAsync(sourceOf(reference), cancellationToken).ConfigureAwait(false));
                return chosen;
            }
            catch (FetchException missing) when (command is { RequirePresent: true, Wait: { } wait } && missing.Code == ExitCode.NotFound)
            {
                meter.WaitingFor = "whoever fills the cache";
                if (time.GetElapsedTime(started) >= wait)
                    throw new FetchException(ExitCode.GaveUpWaiting, $"{missing.Message} It was waited for {wait.TotalSeconds:0} s.", missing);
                await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private WantedVersion Want(ChosenVersion chosen)
    {
        if (chosen.Complete is { } complete)
            return new WantedVersion(chosen, complete.Files);
        var files = _filter.Select(chosen.Manifest!.Files);
        if (_filter.Doubt([.. chosen.Manifest.Files.Select(file => file.Path)]) is { } doubt)
            log.Warn($"{chosen.Source.Reference}: {doubt}");
        return files.Count > 0
            ? new WantedVersion(chosen, files)
            : throw new FetchException(
                ExitCode.NotFound, $"{chosen.Source.Reference} has no file that {_filter.Describe()} wants; change --include or --exclude.");
    }

    /// <summary>Nothing of a listing is trusted: paths that climb are refused before the first byte is written.</summary>
    private static void Check(IEnumerable<WantedVersion> wanted)
    {
        foreach (var (chosen, files) in wanted)
        {
            PathGuard.Check(files.Select(file => file.Path), chosen.Source.Reference.ToString());
            if (files.Where(file => file.Digest is { NamesContent: true }).GroupBy(file => file.Digest).FirstOrDefault(same => same.Select(file => file.Size).Distinct().Count() > 1) is { } torn)
                throw new FetchException(ExitCode.WrongContent, $"{chosen.Source.Reference} lists {torn.First().Path} and {torn.Last().Path} with one digest and two sizes; tell its publisher.");
            if (CacheLayout.IsHub(chosen.Folder) && files.FirstOrDefault(file => file.Digest is not { NamesContent: true }) is { } unnamed)
                throw new FetchException(ExitCode.WrongContent, $"{chosen.Source.Reference} lists {unnamed.Path} without a digest, and no cache can hold it; is this a Hub?");
        }
    }

    private async Task<List<WantedVersion>> FetchAsync(List<WantedVersion> wanted, List<WantedVersion> incomplete, CancellationToken cancellationToken)
    {
        VolumeProbe.Require(_cache);
        OwnFolders.Check(_cache, incomplete.SelectMany(version => version.FoldersIn(_cache)));
        // Before the first look at what is present.
        using var intent = await FetchIntent.DeclareAsync(
            _cache, [.. wanted.Select(version => version.ToIntent(_filter.Key))], new WaitSettings(command.LeaseTtl, command.Wait), meter, time, cancellationToken)
            .ConfigureAwait(false);
        if (wanted.Find(version => version.Chosen.Complete is { } complete && !_records.TryTouch(version.Chosen.Folder, complete)) is { } pruned)
            throw new FetchException(ExitCode.GaveUpWaiting, $"{pruned.Chosen.Source.Reference} was removed from the cache by a prune just now; fetch again.");
        return Fetch(wanted, incomplete, cancellationToken);
    }

    private List<WantedVersion> Fetch(List<WantedVersion> wanted, List<WantedVersion> incomplete, CancellationToken cancellationToken)
    {
        var traits = VolumeTraits.Probe(_cache);
        if (traits.IsCaseBlind)
        {
            foreach (var version in incomplete)
                PathGuard.CheckCase(version.Files.Select(file => file.Path), version.Chosen.Source.Reference.ToString());
        }

        foreach (var version in incomplete)
            _records.Keep(version.Chosen.Folder, version.Chosen.Manifest!, _filter.Key);
        WarnOfUndigested(incomplete);
        var check = command.Verification == Verification.Full ? new ContentCheck(meter) : null;
        foreach (var version in incomplete)
            new EarlierVersions(_cache, _records, version.Chosen.Folder, check).Lend(SnapshotOf(version.Chosen), version.Files, cancellationToken);

        var plan = TransferPlan.For(incomplete, _cache, traits);
        CountPresent(plan.Present);
        plan.RequireRoom(_cache);
        try
        {
            var digests = plan.Items.Count > 0 ? Transfer(plan.Items, cancellationToken) : [];
            return [.. wanted.Select(version => version.Chosen.Complete is null ? Publish(version, traits, digests, cancellationToken) : version)];
        }
        catch (SourceUnavailableException error) when (TryClaimFallbacks(incomplete))
        {
            log.Warn($"{error.Message} Going on with the versions that were complete before; what has arrived is kept.");
            return [.. wanted.Select(version => version.Chosen is { Complete: null, Fallback: { } older } chosen
                ? new WantedVersion(chosen with { Version = older.Version, Complete = older, FreshAt = null }, older.Files)
                : version)];
        }
    }

    private ConcurrentDictionary<string, string> Transfer(IReadOnlyList<TransferItem> items, CancellationToken cancellationToken)
    {
        using var phase = FetchTrace.Phase("transfer");
        return engine.Run(items, cancellationToken);
    }

    private bool TryClaimFallbacks(List<WantedVersion> incomplete) => incomplete.TrueForAll(version => version.Chosen.Fallback is not null)
        && _use.TryClaim([.. incomplete.Select(version => version.Chosen with { Version = version.Chosen.Fallback!.Version, Complete = version.Chosen.Fallback })]);

    private WantedVersion Publish(WantedVersion version, VolumeTraits traits, ConcurrentDictionary<string, string> digests, CancellationToken cancellationToken)
    {
        using var phase = FetchTrace.Phase("publish");
        var chosen = version.Chosen;
        var snapshot = SnapshotOf(chosen);
        var lost = snapshot.Link(version.Files, traits.Links);
        snapshot.Sync(version.Files);
        if (lost is not null)
            throw new FetchException(ExitCode.CannotWrite, $"{lost.Path} of {chosen.Source.Reference} vanished from the cache while it was published; who else removes files there? Fetch again.");

        var completion = new Completion(
            chosen.Source.Reference.ToString(), chosen.Version, _filter.Key, time.GetUtcNow(), [.. version.Files.Select(WithDigest)]);
        _records.Keep(chosen.Folder, completion);
        return version with { Chosen = chosen with { Complete = completion } };

        // What its source publishes no digest for was hashed on arrival, so that rot can be found later.
        ManifestFile WithDigest(ManifestFile file) =>
            file.Digest is not null ? file : file with
            {
                Digest = new ContentDigest(
                    DigestAlgorithm.Sha256,
                    digests.TryGetValue(TransferPlan.KeyOf(chosen, file), out var hex)
                        ? hex
                        : new ContentCheck(meter).Compute(snapshot.ReadPathOf(file), null, file.Size, cancellationToken)),
            };
    }

    private IReadOnlyList<string> Present(IReadOnlyList<WantedVersion> wanted) => _view is null
        ? [.. wanted.Select(version => _cache.VersionOf(version.Chosen.Folder, version.Chosen.Version))]
        : _view.Fill(
            [.. wanted.Select(version => new GivenModel(
                version.Chosen.Source.Reference, version.Chosen.Folder, version.Chosen.Version, version.Files))],
            command.Aliases);

    private Snapshot SnapshotOf(ChosenVersion chosen) => new(_cache, chosen.Folder, chosen.Version);

    private void CountPresent(IEnumerable<ManifestFile> files)
    {
        foreach (var file in files)
        {
            meter.Present(file.Size);
            meter.Published(1);
        }
    }

    private void WarnOfUndigested(IEnumerable<WantedVersion> versions)
    {
        foreach (var (chosen, files) in versions)
        {
            if (files.Count(file => file.Digest is null) is > 0 and var count)
            {
                log.Warn(
                    $"{chosen.Source.Reference}: {count} of {files.Count} files have no digest at their source and can be checked by size only; "
                    + "put a SHA256SUMS file beside them.");
            }
        }
    }
}
