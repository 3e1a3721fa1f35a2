using System.Net;
using Stevedore.HubFixture.Hub;
using Stevedore.HubFixture.Wire;

namespace Stevedore.HubFixture;

/// <summary>
/// A Hugging Face Hub on loopback: the API and plain files at <see cref="Endpoint"/>, the large files behind signed addresses at
/// <see cref="CdnEndpoint"/>, whose host name is another one so that clients must drop their token on the way.
/// </summary>
public sealed class HubServer : IAsyncDisposable
{
    private readonly Registry _registry = new();
    private readonly AccessLog _log = new();
    private readonly SignedUrls _urls;
    private readonly HubSite _hubSite;
    private readonly CdnSite _cdnSite;
    private readonly FixtureApi _fixtureApi;
    private readonly string _scheme;
    private WebListener? _hub;
    private WebListener? _cdn;

    private HubServer(HubOptions options)
    {
        _scheme = options.Certificate is null ? "http" : "https";
        _urls = new SignedUrls(() => CdnEndpoint, options);
        _hubSite = new HubSite(_registry, options, _urls);
        _cdnSite = new CdnSite(_registry, _urls);
        _fixtureApi = new FixtureApi(_log, _cdnSite);
    }

    /// <summary>
    /// What <c>HF_ENDPOINT</c> should be: <c>http://127.0.0.1:PORT</c> (its <see cref="Uri.OriginalString"/> has no slash at the end).
    /// </summary>
    public Uri Endpoint => new($"{_scheme}://127.0.0.1:{_hub!.Port}");

    /// <summary>Where the redirects of large files lead: <c>http://localhost:PORT</c>.</summary>
    public Uri CdnEndpoint => new($"{_scheme}://localhost:{_cdn!.Port}");

    /// <summary>How the server misbehaves.</summary>
    public FaultList Faults { get; } = new();

    /// <summary>All requests so far, in order of arrival, also those still being answered.</summary>
    public IReadOnlyList<Exchange> Log => _log.Snapshot();

    /// <summary>
    /// Bytes of files' content that were handed to sockets, by either host; listings, redirects and errors are not in it.
    /// </summary>
    public long BytesServed => _log.ContentBytes;

    /// <summary>How many requests brought an <c>Authorization</c> header to the CDN. It answers them 400.</summary>
    public int TokensLeakedToCdn => _cdnSite.TokensLeaked;

    /// <summary>Starts both hosts.</summary>
    public static async Task<HubServer> StartAsync(HubOptions? options = null, CancellationToken ct = default)
    {
        options ??= new HubOptions();
        var server = new HubServer(options);
        try
        {
            var certificate = options.Certificate;
            server._hub = await WebListener.StartAsync([IPAddress.Loopback], options.Port, certificate, server.HubHandler(), ct);
            server._cdn = await WebListener.StartAsync(WebListener.Localhost, options.CdnPort, certificate, server.CdnHandler(), ct);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes an empty repository; it answers for revisions once something was published.</summary>
    /// <param name="id"><c>OWNER/NAME</c> or <c>NAME</c>.</param>
    public Repository AddRepository(string id) => _registry.Add(id);

    /// <summary>
    /// Makes a repository of a folder, published at <c>main</c>: files of 1 MiB and more and all <c>*.safetensors</c> lie in LFS.
    /// </summary>
    public Repository AddRepositoryFrom(string id, string directory)
    {
        var repository = AddRepository(id);
        RepositoryFolder.AddTo(repository, directory);
        repository.Publish();
        return repository;
    }

    /// <summary>Answers for a name that a repository used to have with relative redirects to its new one.</summary>
    public void Rename(string oldId, string newId) => _registry.Redirect(oldId, newId);

    /// <summary>Refuses from now on the CDN's addresses given out before.</summary>
    public void ExpireUrls() => _urls.ExpireAll();

    /// <summary>Forgets the log.</summary>
    public void ResetLog() => _log.Clear();

    /// <summary>Cuts all connections and refuses new ones: of both hosts, or of one.</summary>
    public Task PauseAsync(Listener? only = null) => Task.WhenAll(Chosen(only).Select(listener => listener.PauseAsync()));

    /// <summary>Listens again, on the same ports.</summary>
    public Task ResumeAsync(CancellationToken ct = default) => Task.WhenAll(Chosen(null).Select(listener => listener.ResumeAsync(ct)));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Faults.Clear();
        foreach (var listener in Chosen(null))
            await listener.DisposeAsync();
    }

    private RequestDelegate HubHandler()
    {
        var responder = new Responder(Listener.Hub, _log, Faults, _hubSite.AnswerTo, _urls.ExpireAll);
        return http => FixtureApi.Concerns(http.Request) ? _fixtureApi.HandleAsync(http) : responder.HandleAsync(http);
    }

    private RequestDelegate CdnHandler() => new Responder(Listener.Cdn, _log, Faults, _cdnSite.AnswerTo, _urls.ExpireAll).HandleAsync;

    private IEnumerable<WebListener> Chosen(Listener? only) =>
        new[] { only is Listener.Cdn ? null : _hub, only is Listener.Hub ? null : _cdn }.OfType<WebListener>();
}
