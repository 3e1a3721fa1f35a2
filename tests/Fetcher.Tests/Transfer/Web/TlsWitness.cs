using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Channels;

namespace Stevedore.Fetcher.Tests.Transfer.Web;

/// <summary>A TLS server that tells what each client said: in its hello, and behind the handshake. Everybody gets bytes 4-7 of a file of 16.</summary>
internal sealed class TlsWitness : IAsyncDisposable
{
    public const string Body = "4567";

    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<TlsMeeting> _meetings = Channel.CreateUnbounded<TlsMeeting>();
    private readonly List<Task> _connections = [];
    private readonly SslStreamCertificateContext _shown;
    private readonly Task _accepting;

    /// <param name="certificate">The server's own.</param>
    /// <param name="address">Where it listens; the usual loopback where none is given.</param>
    /// <param name="above">Authorities between it and the root, which a server has to show.</param>
    public TlsWitness(X509Certificate2 certificate, IPAddress? address = null, params X509Certificate2[] above)
    {
        _shown = SslStreamCertificateContext.Create(certificate, [.. above], offline: true);
        _listener = new TcpListener(address ?? IPAddress.Loopback, 0);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address(string host) => new($"https://{host}:{((IPEndPoint)_listener.LocalEndpoint).Port}/file");

    /// <summary>The next connection that is over: nothing more can have been said on it.</summary>
    public async Task<TlsMeeting> NextAsync() =>
        await _meetings.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Stop();
        await Task.WhenAll(_connections);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        string? name = null;
        var said = new StringBuilder();
        using (client)
        {
            try
            {
                await using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsServerAsync(
                    (_, hello, _, _) =>
                    {
                        name = hello.ServerName;
                        return ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificateContext = _shown });
                    },
                    null,
                    _stop.Token);
                await AnswerAsync(tls, said);
            }
            catch (Exception ended) when (ended is OperationCanceledException or IOException or SocketException or AuthenticationException)
            {
            }
        }

        _meetings.Writer.TryWrite(new TlsMeeting(name, said.ToString()));
    }

    private async Task AnswerAsync(SslStream tls, StringBuilder said)
    {
        var some = new byte[1024];
        while (!said.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            var length = await tls.ReadAsync(some, _stop.Token);
            if (length == 0)
                return;
            said.Append(Encoding.Latin1.GetString(some, 0, length));
        }

        await tls.WriteAsync(
            Encoding.ASCII.GetBytes($"HTTP/1.1 206 Partial Content\r\nConnection: close\r\nContent-Range: bytes 4-7/16\r\nContent-Length: 4\r\n\r\n{Body}"), _stop.Token);
        await tls.ShutdownAsync();
    }
}

/// <summary>What one client said.</summary>
/// <param name="ServerName">The name in its hello (SNI); empty or null where there was none.</param>
/// <param name="Said">What it sent once it took the server for the right one.</param>
internal sealed record TlsMeeting(string? ServerName, string Said);
