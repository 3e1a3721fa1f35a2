using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Stevedore.HubFixture.Wire;

/// <summary>One HTTP/1.1 server on a loopback port that it keeps while it is paused: then connections are refused.</summary>
internal sealed class WebListener : IAsyncDisposable
{
    private readonly IPAddress[] _addresses;
    private readonly X509Certificate2? _certificate;
    private readonly RequestDelegate _handler;
    private WebApplication? _running;
    private Socket? _placeholder;

    private WebListener(IPAddress[] addresses, X509Certificate2? certificate, RequestDelegate handler)
    {
        _addresses = addresses;
        _certificate = certificate;
        _handler = handler;
    }

    public int Port { get; private set; }

    /// <summary>All addresses that <c>localhost</c> may resolve to here.</summary>
    public static IPAddress[] Localhost => HasLoopback6() ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Loopback];

    public static async Task<WebListener> StartAsync(
        IPAddress[] addresses, int port, X509Certificate2? certificate, RequestDelegate handler, CancellationToken cancellationToken)
    {
        const int Tries = 20;
        var listener = new WebListener(addresses, certificate, handler);
        for (var attempt = 1; ; attempt++)
        {
            listener.Port = port != 0 ? port : FreePort();
            try
            {
                await listener.ResumeAsync(cancellationToken);
                return listener;
            }
            catch (IOException) when (port == 0 && attempt < Tries)
            {
                // Somebody was quicker, on one of the addresses; another port will do.
            }
        }
    }

    /// <summary>Cuts all connections and refuses new ones.</summary>
    public async Task PauseAsync()
    {
        if (_running is not { } running)
            return;
        _running = null;
        await running.StopAsync(new CancellationToken(canceled: true));
        await running.DisposeAsync();

        // Bound but not listening: connections are refused, and nobody else is given the port.
        _placeholder = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _placeholder.Bind(new IPEndPoint(_addresses[0], Port));
        }
        catch (SocketException)
        {
            // Without it the port is merely likely to stay free.
        }
    }

    public async Task ResumeAsync(CancellationToken cancellationToken)
    {
        if (_running is not null)
            return;
        _placeholder?.Dispose();
        _placeholder = null;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());

        // No buffer between Kestrel and the socket: a flush ends when the kernel has the bytes, so that what is counted was sent.
        builder.WebHost
            .UseKestrelCore()
            .UseKestrelHttpsConfiguration()
            .UseSockets(sockets => sockets.MaxWriteBufferSize = 1)
            .ConfigureKestrel(Configure);
        var app = builder.Build();
        app.Run(_handler);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        _running = app;
    }

    public async ValueTask DisposeAsync()
    {
        await PauseAsync();
        _placeholder?.Dispose();
    }

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MinResponseDataRate = null;
        foreach (var address in _addresses)
        {
            kestrel.Listen(address, Port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                if (_certificate is not null)
                    listen.UseHttps(_certificate);
            });
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static bool HasLoopback6()
    {
        if (!Socket.OSSupportsIPv6)
            return false;
        try
        {
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
