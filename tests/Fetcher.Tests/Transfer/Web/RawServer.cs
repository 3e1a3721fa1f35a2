using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Stevedore.Fetcher.Tests.Transfer.Web;

/// <summary>A server that answers with the very bytes a test writes: for what no well-behaved server can be made to say.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly X509Certificate2? _certificate;
    private readonly Func<RawRequest, Task> _answer;
    private readonly Task _accepting;

    /// <summary>Answers every request, one connection each.</summary>
    public RawServer(Func<RawRequest, Task> answer, X509Certificate2? certificate = null)
    {
        _answer = answer;
        _certificate = certificate;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public ConcurrentQueue<string> Requests { get; } = new();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Uri Address(string path = "/file", string host = "127.0.0.1") => new($"{(_certificate is null ? "http" : "https")}://{host}:{Port}{path}");

    /// <summary>Always the same answer.</summary>
    public static RawServer Saying(params string[] lines) => new(request => request.SayAsync(lines));

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
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var connection = client;
        try
        {
            Stream stream = client.GetStream();
            if (_certificate is not null)
            {
                var tls = new SslStream(stream);
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
                stream = tls;
            }

            await using var _ = stream;
            var head = new StringBuilder();
            var one = new byte[1];
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                if (await stream.ReadAsync(one, _stop.Token) == 0)
                    return;
                head.Append((char)one[0]);
            }

            Requests.Enqueue(head.ToString());
            await _answer(new RawRequest(head.ToString(), stream, client.Client, _stop.Token));
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException or SocketException or System.Security.Authentication.AuthenticationException)
        {
        }
    }
}

/// <summary>A request as it came, and the way back.</summary>
internal sealed record RawRequest(string Head, Stream Stream, Socket Socket, CancellationToken Stop)
{
    public string Path => Head.Split(' ')[1];

    public string? Header(string name) => Head.Split("\r\n").Skip(1)
        .Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
        .Select(line => line[(name.Length + 1)..].Trim())
        .FirstOrDefault();

    /// <summary>Status line, headers, an empty line, then the body; <c>Connection: close</c> is added.</summary>
    public async Task SayAsync(params string[] lines)
    {
        var text = string.Join("\r\n", lines.Take(1).Append("Connection: close").Concat(lines.Skip(1)));
        await Stream.WriteAsync(Encoding.Latin1.GetBytes(text), Stop);
        await Stream.FlushAsync(Stop);
    }

    /// <summary>Keeps the connection open until the client or the test gives up.</summary>
    public async Task HangAsync()
    {
        var one = new byte[1];
        while (await Stream.ReadAsync(one, Stop) > 0)
        {
        }
    }
}
