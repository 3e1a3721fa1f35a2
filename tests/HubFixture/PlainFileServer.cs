using System.Net;
using Stevedore.HubFixture.Plain;
using Stevedore.HubFixture.Wire;

namespace Stevedore.HubFixture;

/// <summary>A folder as an ordinary web server serves it, on 127.0.0.1, with the same faults as the Hub.</summary>
public sealed class PlainFileServer : IAsyncDisposable
{
    private readonly AccessLog _log;
    private readonly WebListener _listener;
    private readonly string _scheme;

    private PlainFileServer(WebListener listener, AccessLog log, FaultList faults, string scheme)
    {
        _listener = listener;
        _log = log;
        Faults = faults;
        _scheme = scheme;
    }

    /// <summary>The folder's address, with a slash at its end.</summary>
    public Uri Endpoint => new($"{_scheme}://127.0.0.1:{_listener.Port}/");

    /// <summary>How the server misbehaves.</summary>
    public FaultList Faults { get; }

    /// <summary>All requests so far, in order of arrival, also those still being answered.</summary>
    public IReadOnlyList<Exchange> Log => _log.Snapshot();

    /// <summary>
    /// Bytes of files' content that were handed to sockets; listings and errors are not in it, a made-up <c>SHA256SUMS</c> neither.
    /// </summary>
    public long BytesServed => _log.ContentBytes;

    /// <summary>Starts serving a folder, which must not change meanwhile.</summary>
    public static async Task<PlainFileServer> StartAsync(string folder, PlainFileOptions? options = null, CancellationToken ct = default)
    {
        options ??= new PlainFileOptions();
        var log = new AccessLog();
        var faults = new FaultList();
        var site = new PlainSite(Path.GetFullPath(folder), options);
        var responder = new Responder(Listener.Plain, log, faults, site.AnswerTo, () => { });
        var listener = await WebListener.StartAsync([IPAddress.Loopback], options.Port, options.Certificate, responder.HandleAsync, ct);
        return new PlainFileServer(listener, log, faults, options.Certificate is null ? "http" : "https");
    }

    /// <summary>Forgets the log.</summary>
    public void ResetLog() => _log.Clear();

    /// <summary>Cuts all connections and refuses new ones.</summary>
    public Task PauseAsync() => _listener.PauseAsync();

    /// <summary>Listens again, on the same port.</summary>
    public Task ResumeAsync(CancellationToken ct = default) => _listener.ResumeAsync(ct);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Faults.Clear();
        await _listener.DisposeAsync();
    }
}
