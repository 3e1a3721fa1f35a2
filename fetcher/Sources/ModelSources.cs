using Stevedore.Contract;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Sources.Hub;
using Stevedore.Fetcher.Sources.Local;
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

    /// <summary>The source of a reference; nothing is asked yet.</summary>
    /// <exception cref="FetchException">64: this version does not fetch from there, or the environment names a Hub or token that can't be one.</exception>
    public IModelSource For(ModelReference reference)
    {
        var calls = new WebCalls(_web, new Backoff(Random.Shared, settings.Time));
        return reference switch
        {
            HubReference hub => new HubSource(hub, _hub.Value, _web, calls),
            HttpReference http => new WebDirectorySource(http, _credentials.Value.For(http.Address), _web, calls),
            FileReference file => new LocalDirectorySource(file),
            S3Reference inBucket => new S3Source(
                inBucket, _s3.Value.Settings, new S3Bucket(inBucket, _s3.Value.Settings, _s3.Value.Credentials, calls, settings), _web),
            ClaimReference or ImageReference => throw Refused(
                $"{reference} is mounted where the workload runs and never fetched; give it to the workload's pod, and leave it out here."),
            _ => throw Refused($"{reference} is of a kind that can't be fetched; use hf://, s3://, https:// or file:///."),
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _web.Dispose();

    private static FetchException Refused(string sentence) => new(ExitCode.Usage, sentence);
}
