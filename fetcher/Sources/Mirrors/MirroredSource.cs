using Stevedore.Contract;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Transfer;

namespace Stevedore.Fetcher.Sources.Mirrors;

/// <summary>A model that several places have: they are asked in order, and where one gives out the next one goes on.</summary>
/// <param name="original">What the reference itself names: its key in the cache is the model's, wherever the bytes come from.</param>
/// <param name="places">In the order of the rules; at least one.</param>
/// <param name="log">Says who serves.</param>
internal sealed class MirroredSource(IModelSource original, IReadOnlyList<MirrorPlace> places, IRunLog log) : IModelSource
{
    private int _current;
    private int _said = -1;

    /// <inheritdoc/>
    public ModelReference Reference => original.Reference;

    /// <inheritdoc/>
    public string Folder => original.Folder;

    /// <inheritdoc/>
    public string? ImmutableVersion => original.ImmutableVersion;

    /// <summary>How many places there are.</summary>
    public int Count => places.Count;

    /// <summary>The place that serves now.</summary>
    public int Current => Volatile.Read(ref _current);

    /// <inheritdoc/>
    public Task<string?> ResolveAsync(Patience patience, CancellationToken cancellationToken) =>
        FirstAsync((source, patient) => source.ResolveAsync(patient, cancellationToken), patience);

    /// <inheritdoc/>
    public Task<ModelManifest> ListAsync(string? version, FileFilter filter, Patience patience, CancellationToken cancellationToken) =>
        FirstAsync((source, patient) => source.ListAsync(version, filter, patient, cancellationToken), patience);

    /// <inheritdoc/>
    public IContentOrigin OriginOf(string version, ManifestFile file) => new MirroredOrigin(this, version, file);

    /// <summary>A file's bytes at one of the places.</summary>
    public IContentOrigin OriginAt(int place, string version, ManifestFile file) => places[place].Source.OriginOf(version, file);

    /// <summary>Goes on with a later place that has this version; blocks while it is asked.</summary>
    /// <param name="from">The place that gave out.</param>
    /// <param name="version">The version that is being fetched.</param>
    /// <param name="why">What broke, a sentence.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>False where there is none.</returns>
    public bool TryMoveOn(int from, string version, string why, CancellationToken cancellationToken)
    {
        if (Current != from)
            return true;
        for (var next = from + 1; next < places.Count; next++)
        {
            if (!Serves(next, version, cancellationToken))
                continue;
            if (Interlocked.CompareExchange(ref _current, next, from) == from)
                log.Warn($"{Reference}: {why} It goes on with {places[next].Name}.");
            Interlocked.Exchange(ref _said, next);
            return true;
        }

        return false;
    }

    /// <summary>Whether a place has this version; only a copy must be looked at, the others know versions by their names or check them themselves.</summary>
    public bool Serves(int place, string version, CancellationToken cancellationToken) =>
        places[place].Source is not CopySource copy || copy.HoldsAsync(version, cancellationToken).GetAwaiter().GetResult();

    private async Task<T> FirstAsync<T>(Func<IModelSource, Patience, Task<T>> ask, Patience patience)
    {
        // Quickly round all of them first: one that is down must not hold up the next one.
        var failures = new List<(int Place, FetchException Error)>();
        var rounds = patience == Patience.Short || places.Count == 1 ? [patience] : new[] { Patience.Short, Patience.Long };
        foreach (var round in rounds)
        {
            failures.Clear();
            for (var i = Current; i < places.Count; i++)
            {
                try
                {
                    var answer = await ask(places[i].Source, round);
                    Settle(i, failures);
                    return answer;
                }
                catch (FetchException error) when (error.Code is ExitCode.NotFound or ExitCode.NoPermission or ExitCode.Unavailable or ExitCode.WrongContent)
                {
                    failures.Add((i, error));
                }
            }

            if (!failures.Exists(failure => failure.Error.Code == ExitCode.Unavailable))
                break;
        }

        throw Sum(failures);
    }

    private void Settle(int place, List<(int Place, FetchException Error)> failures)
    {
        Interlocked.Exchange(ref _current, place);
        foreach (var (failed, error) in failures.Where(failure => places[failure.Place].Name != places[place].Name))
            log.Warn($"{Reference} is not to be had from {places[failed].Name}: {error.Message}");
        if (Interlocked.Exchange(ref _said, place) != place)
            log.Info($"{Reference} comes from {(places[place].IsOriginal ? "the original" : places[place].Name)}.");
    }

    /// <summary>What the original says for good is final; else a place that is down may still have it.</summary>
    private FetchException Sum(List<(int Place, FetchException Error)> failures)
    {
        var sentence = string.Join(' ', failures.Select(failure => failure.Error.Message).Distinct());
        if (failures.Count == 1)
            return failures[0].Error;
        if (failures.Find(failure => places[failure.Place].IsOriginal && failure.Error.Code != ExitCode.Unavailable) is { Error: { } final })
            return new FetchException(final.Code, sentence, final);
        return failures.Find(failure => failure.Error.Code == ExitCode.Unavailable) is { Error: { } down }
            ? new SourceUnavailableException(sentence, down)
            : new FetchException(failures[^1].Error.Code, sentence, failures[^1].Error);
    }
}
