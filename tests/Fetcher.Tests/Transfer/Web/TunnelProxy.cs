using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Stevedore.Fetcher.Tests.Transfer.Web;

/// <summary>
/// A proxy that makes tunnels (<c>CONNECT</c>), perhaps for a password only. Whatever host it is asked for, it connects to the port on this machine:
/// names need not exist, and what reached a server under such a name came through here.
/// </summary>
internal sealed class TunnelProxy : IAsyncDisposable
{
    private readonly RawServer _server;
    private readonly string? _wanted;

    public TunnelProxy(string? user = null, string? password = null)
    {
        _wanted = user is null ? null : "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
        _server = new RawServer(ServeAsync);
    }

    /// <summary><c>HOST:PORT</c> of each tunnel that was made.</summary>
    public ConcurrentQueue<string> Tunnels { get; } = new();

    /// <summary>Every request, as it came.</summary>
    public IEnumerable<string> Requests => _server.Requests;

    public int Port => _server.Port;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task ServeAsync(RawRequest request)
    {
        if (_wanted is not null && request.Header("Proxy-Authorization") != _wanted)
        {
            await request.SayAsync("HTTP/1.1 407 Proxy Authentication Required", "Proxy-Authenticate: Basic realm=\"tests\"", "Content-Length: 0", "", "");
            return;
        }

        var target = request.Path;
        Tunnels.Enqueue(target);
        using var there = new TcpClient();
        await there.ConnectAsync(IPAddress.Loopback, int.Parse(target[(target.LastIndexOf(':') + 1)..]), request.Stop);
        await request.Stream.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray(), request.Stop);
        await using var beyond = there.GetStream();
        await Task.WhenAny(request.Stream.CopyToAsync(beyond, request.Stop), beyond.CopyToAsync(request.Stream, request.Stop));
    }
}
