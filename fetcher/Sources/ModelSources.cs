using Stevedore.Contract;
using Stevedore.Contract.CommandLine;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Publishing.Copies;
using Stevedore.Fetcher.Reporting;
using Stevedore.Fetcher.Sources.Hub;
using Stevedore.Fetcher.Sources.Local;
using Stevedore.Fetcher.Sources.Mirrors;
using Stevedore.Fetcher.Sources.S3;
using Stevedore.Fetcher.Sources.Web;
using Stevedore.Fetcher.Transfer;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Sources;

/// <summary>Who publishes what a reference names; all sources of a run share one pool of connections.</summary>
/// <param name="settings">How to talk to web servers.</param>
/// <param name="s3">Which S3 store; asked for where a reference leads to one.</param>
/// <param name="environment">Reads an environment variable.</param>
internal sealed class ModelSources(WebSettings settings, Func<S3Settings> s3, Func<string, string?> environment) : IDisposable
{
    private readonly WebConnections _web = new(settings);
    private readonly Lazy<HubEndpoint> _hub = new(() => HubEndpoint.From(environment));
    private readonly Lazy<WebCredentials> _credentials = new(() => WebCredentials.From(environment));
    private readonly Lazy<(S3Settings Settings, S3Credentials Credentials)> _s3 = new(() => s3() is var chosen ? (chosen, new S3Credentials(chosen, environment)) : default);

    /// <summary>Where else references may come from, as the command line says.</summary>
    public IReadOnlyList<MirrorRule> Mirrors { get; init; } = [];

    /// <summary>Says which mirror serves.</summary>
    public IRunLog? Log { get; init; }

    /// <summary>The source of a reference, with its mirrors; nothing is asked yet.</summary>
    /// <exception cref="FetchException">64: this version does not fetch from there, or the environment names a Hub, a store or a token that can't be one.</exception>
    public IModelSource For(ModelReference reference)
    {
        var original = OriginalOf(reference);
        var rules = MirrorRule.For(reference, Mirrors);
        return rules.Count == 0 || Log is null
            ? original
            : new MirroredSource(original, [.. rules.SelectMany(rule => PlacesOf(original, rule))], Log);
    }

    /// <summary>Storage that a copy can be written to.</summary>
    /// <exception cref="FetchException">64: nothing can be written there.</exception>
    public ICopyTarget TargetAt(ModelReference reference) => reference switch
    {
        S3Reference inBucket => new BucketTarget(inBucket, _s3.Value.Settings, _s3.Value.Credentials, BucketOf(inBucket), settings),
        FileReference file => new FolderTarget(file),
        _ => throw Refused($"Nothing can be copied to {reference}; name an s3://BUCKET/PREFIX/ or a file:///DIR/."),
    };

    private IEnumerable<MirrorPlace> PlacesOf(IModelSource original, MirrorRule rule)
    {
        if (rule.IsOriginal)
        {
            yield return new MirrorPlace(original.Reference.ToString(), true, original);
            yield break;
        }

        if (MirrorAddress.HubOf(original.Reference, rule) is { } hub)
            yield return new MirrorPlace(rule.Target, false, new HubSource((HubReference)original.Reference, _hub.Value.Mirrored(hub), _web, Calls()));
        foreach (var folder in MirrorAddress.FoldersOf(original.Reference, rule))
            yield return new MirrorPlace(rule.Target, false, new CopySource(original.Reference, folder.ToString(), CopyPlaceOf(folder)));
    }

    private ICopyPlace CopyPlaceOf(ModelReference folder) => folder switch
    {
        S3Reference inBucket => new BucketPlace(inBucket, BucketOf(inBucket), _web),
        HttpReference http => new WebCopyPlace(http, _credentials.Value.For(http.Address), Calls(), _web),
        FileReference file => new LocalCopyPlace(file),
        _ => throw new ArgumentException($"{folder} can't hold a copy.", nameof(folder)),
    };

    private IModelSource OriginalOf(ModelReference reference) => reference switch
    {
        HubReference hub => new HubSource(hub, _hub.Value, _web, Calls()),
        HttpReference http => new WebDirectorySource(http, _credentials.Value.For(http.Address), _web, Calls()),
        FileReference file => new LocalDirectorySource(file),
        S3Reference inBucket => new S3Source(inBucket, _s3.Value.Settings, BucketOf(inBucket), _web),
        ClaimReference or ImageReference => throw Refused(
            $"{reference} is mounted where the workload runs and never fetched; give it to the workload's pod, and leave it out here."),
        _ => throw Refused($"{reference} is of a kind that can't be fetched; use hf://, s3://, https:// or file:///."),
    };

    private S3Bucket BucketOf(S3Reference reference) => new(reference, _s3.Value.Settings, _s3.Value.Credentials, Calls(), settings);

    private WebCalls Calls() => new(_web, new Backoff(Random.Shared, settings.Time));

    /// <inheritdoc/>
    public void Dispose() => _web.Dispose();

    private static FetchException Refused(string sentence) => new(ExitCode.Usage, sentence);
}
