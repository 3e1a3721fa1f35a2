using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Publishing.Copies;
using Stevedore.Fetcher.Sources;
using Stevedore.Fetcher.Sources.Mirrors;

namespace Stevedore.Fetcher.Fetching;

/// <summary>What of a copy is there, noted in the storage itself: a run that is broken off is gone on with from wherever it is started again.</summary>
internal sealed class CopyProgress
{
    /// <summary>How much of small files a killed run may send again; large ones take longer than that each.</summary>
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private readonly string _reference;
    private readonly ModelManifest _listed;
    private readonly ICopyTarget _target;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, CopiedFile> _copied = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private long _noted;

    public CopyProgress(string reference, ModelManifest listed, IEnumerable<CopiedFile> known, ICopyTarget target, TimeProvider time)
    {
        (_reference, _listed, _target, _time) = (reference, listed, target, time);
        foreach (var file in known)
            _copied[file.Path] = file;
    }

    /// <summary>Whether a file is there.</summary>
    public bool Has(string path) => _copied.ContainsKey(path);

    /// <summary>Says that a copy is under way. One of another version stops being one here: its files are about to change.</summary>
    public async Task BeginAsync(bool replaces, CancellationToken cancellationToken)
    {
        await _target.WriteAsync(MirrorLayout.Unfinished, ToManifest().ToBytes(), cancellationToken).ConfigureAwait(false);
        _noted = _time.GetTimestamp();
        if (!replaces)
            return;
        await _target.DeleteAsync(MirrorLayout.Manifest, cancellationToken).ConfigureAwait(false);
        await _target.DeleteAsync(Sha256Sums.FileName, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adds a file that has arrived; the calling thread blocks where that is noted.</summary>
    public void Add(CopiedFile file)
    {
        lock (_gate)
        {
            _copied[file.Path] = file;
            if (_time.GetElapsedTime(_noted) >= Every)
                Write();
        }
    }

    /// <summary>Notes what is there now, also where the run ends badly.</summary>
    public void Note()
    {
        try
        {
            lock (_gate)
                Write();
        }
        catch (Exception broken) when (broken is FetchException or IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            // The storage that a run fails at can't be told either; what it failed with is what a person must read.
        }
    }

    /// <summary>The copy as it is now: every file of the version, and what is known of those that are there.</summary>
    public CopyManifest ToManifest() => new(
        _reference,
        _listed.Version,
        _time.GetUtcNow(),
        [.. _listed.Files.Select(file => _copied.GetValueOrDefault(file.Path) ?? new CopiedFile(file.Path, file.Size, file.Digest?.ToString(), null, null))]);

    // Not under the caller's token: what has arrived is worth the moment.
    private void Write()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10), _time);
        _target.WriteAsync(MirrorLayout.Unfinished, ToManifest().ToBytes(), limit.Token).GetAwaiter().GetResult();
        _noted = _time.GetTimestamp();
    }
}
