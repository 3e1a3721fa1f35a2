using System.Net;
using System.Net.Sockets;

namespace Stevedore.Cluster.Tests.Support;

/// <summary>What a Service is to connections: one address, and behind it each new connection goes to the next replica that takes it.</summary>
internal sealed class Balancer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly IReadOnlyList<int> _ports;
    private readonly Task _accepting;
    private int _next;

    /// <summary>Balances over these ports of loopback.</summary>
    public Balancer(params IReadOnlyList<int> ports)
    {
        _ports = ports;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The one address.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true)
                open.Add(CarryAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task CarryAsync(TcpClient caller)
    {
        using (caller)
        using (var replica = await ConnectAsync())
        {
            if (replica is null)
                return;
            try
            {
                var (here, there) = (caller.GetStream(), replica.GetStream());
                await Task.WhenAny(here.CopyToAsync(there, _end.Token), there.CopyToAsync(here, _end.Token));
            }
            catch (Exception error) when (error is IOException or SocketException or OperationCanceledException)
            {
                // One of the two hung up; the other learns of it by the end of its connection.
            }
        }
    }

    private async Task<TcpClient?> ConnectAsync()
    {
        for (var tries = 0; tries < _ports.Count; tries++)
        {
            var replica = new TcpClient();
            try
            {
                await replica.ConnectAsync(IPAddress.Loopback, _ports[Interlocked.Increment(ref _next) % _ports.Count], _end.Token);
                return replica;
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException)
            {
                replica.Dispose();
            }
        }

        return null;
    }
}
