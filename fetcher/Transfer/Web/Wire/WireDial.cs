using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Stevedore.Fetcher.Transfer.Web.Wire;

/// <summary>Opens connections, on the calling thread.</summary>
/// <param name="settings">How long it may take.</param>
/// <param name="trust">What SslStream checks certificates with; asked for once per handshake.</param>
internal sealed class WireDial(WebSettings settings, Func<SslClientAuthenticationOptions> trust)
{
    /// <summary>What a TLS stream reads from the socket at a time: it would ask for one record of 16 KiB with each call otherwise.</summary>
    private const int ReadAhead = 128 << 10;

    /// <summary>Linux's TCP_WINDOW_CLAMP, which has no name in .NET.</summary>
    private const int TcpWindowClamp = 10;

    /// <summary>What may be on its way to one connection: what a kill throws away, and 100 MB/s at a round trip of 30 ms.</summary>
    private const int Window = 3 << 20;

    /// <summary>Looks the host up, connects to the first of its addresses that answers, and shakes hands where the scheme says so.</summary>
    /// <exception cref="HttpRequestException">It failed or took too long, as <see cref="SocketsHttpHandler"/> would say it.</exception>
    /// <exception cref="OperationCanceledException">The caller does not want it any more.</exception>
    public WireConnection Open(Uri address, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(settings.ConnectTimeout, settings.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var socket = Connect(Lookup(address.IdnHost, either.Token), address.Port, either.Token);
            return address.Scheme == Uri.UriSchemeHttps ? Encrypt(socket, address.IdnHost, either.Token) : new WireConnection(socket, new NetworkStream(socket, ownsSocket: true));
        }
        catch (Exception broken) when (either.IsCancellationRequested && ConnectionException.IsOne(broken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new HttpRequestException(HttpRequestError.ConnectionError, "The connection did not stand in time.", new TimeoutException());
        }
    }

    private static IPAddress[] Lookup(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var literal))
            return [literal];
        try
        {
            // The lookup itself can't be stopped; the wait for it can.
            var lookup = Dns.GetHostAddressesAsync(host, cancellationToken);
            lookup.Wait(cancellationToken);
            return lookup.Result;
        }
        catch (AggregateException broken) when (broken.InnerException is SocketException unknown)
        {
            throw new HttpRequestException(HttpRequestError.NameResolutionError, "The name could not be looked up.", unknown);
        }
    }

    private static Socket Connect(IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        SocketException? refused = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            if (OperatingSystem.IsLinux())
                socket.SetRawSocketOption((int)SocketOptionLevel.Tcp, TcpWindowClamp, BitConverter.GetBytes(Window));
            try
            {
                using (cancellationToken.UnsafeRegister(static state => ((Socket)state!).Dispose(), socket))
                    socket.Connect(new IPEndPoint(address, port));
                cancellationToken.ThrowIfCancellationRequested();
                return socket;
            }
            catch (Exception broken) when (broken is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                socket.Dispose();
                cancellationToken.ThrowIfCancellationRequested();
                refused = broken as SocketException;
            }
        }

        throw new HttpRequestException(HttpRequestError.ConnectionError, "No address of the host took the connection.", refused ?? new SocketException((int)SocketError.HostNotFound));
    }

    private WireConnection Encrypt(Socket socket, string host, CancellationToken cancellationToken)
    {
        var tls = new SslStream(new ReadAheadStream(new NetworkStream(socket, ownsSocket: true), ReadAhead));
        var connection = new WireConnection(socket, tls);
        try
        {
            using (cancellationToken.UnsafeRegister(static state => ((WireConnection)state!).Abort(), connection))
            {
                var options = trust();
                options.TargetHost = host;
                tls.AuthenticateAsClient(options);
            }

            cancellationToken.ThrowIfCancellationRequested();
            return connection;
        }
        catch (Exception broken)
        {
            connection.Dispose();
            if (ConnectionException.IsOne(broken) || broken is System.Security.Authentication.AuthenticationException)
                throw new HttpRequestException(HttpRequestError.SecureConnectionError, "The TLS handshake failed.", broken);
            throw;
        }
    }
}
