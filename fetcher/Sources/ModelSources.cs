using Stevedore.Contract;
using Stevedore.Contract.References;
using Stevedore.Fetcher.Sources.Hub;
using Stevedore.Fetcher.Sources.Local;
using Stevedore.Fetcher.Sources.Web;
using Stevedore.Fetcher.Transfer;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Sources;

/// <summary>Who publishes what a reference names; all sources of a run share one pool of connections.</summary>
/// <param name="settings">How to talk to web servers.</param>
/// <param name="environment">Reads an environment variable.</param>
internal sealed class ModelSources(WebSettings settings, Func<string, string?> environment) : IDisposable
{
    private readonly WebConnections _web = new(settings);
    private readonly Lazy<HubEndpoint> _hub = new(() => HubEndpoint.From(environment));
    private readonly Lazy<WebCredentials> _credentials = new(() => WebCredentials.From(environment));

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
            S3Reference => throw Refused($"{reference} can't be fetched yet: s3:// comes with the next version; until then use hf://, https:// or file:///."),
            ClaimReference or ImageReference => throw Refused(
                $"{reference} is mounted where the workload runs and never fetched; give it to the workload's pod, and leave it out here."),
            _ => throw Refused($"{reference} is of a kind that can't be fetched; use hf://, https:// or file:///."),
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _web.Dispose();

    private static FetchException Refused(string sentence) => new(ExitCode.Usage, sentence);
}
