using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Stevedore.Fetcher.Transfer.Web;

namespace Stevedore.Fetcher.Tests.Transfer.Web.Table;

/// <summary>
/// Serves files over plain sockets as a good server does, kept connections, ranges and questions that were sent ahead included, until a test makes it
/// misbehave: each request passes through the test's own hands first.
/// </summary>
internal sealed class FileServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _talks = [];
    private readonly ConcurrentDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly X509Certificate2? _certificate;
    private readonly Task _accepting;
    private int _connections;
    private int _requests;

    public FileServer(X509Certificate2? certificate = null)
    {
        _certificate = certificate;
        _listener.Start();
        HttpClientWitness.Watch(Port);
        _accepting = AcceptAsync();
    }

    /// <summary>What happens to a request; null serves it well.</summary>
    public Func<FileRequest, Task>? OnRequest { get; set; }

    /// <summary>Every request, in the order in which they were read.</summary>
    public ConcurrentQueue<FileRequest> Requests { get; } = [];

    public int Connections => Volatile.Read(ref _connections);

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Uri Address(string path) => new($"{(_certificate is null ? "http" : "https")}://127.0.0.1:{Port}{path}");

    public void Add(string path, byte[] content) => _files[path] = content;

    /// <summary>The ranges that a file was asked for.</summary>
    public IReadOnlyList<ByteSpan> AskedOf(string path) => [.. Requests.Where(request => request.Path == path && request.Range is not null).Select(request => request.Range!.Value)];

    /// <summary>Stops serving; the second time does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Stop();
        await Task.WhenAll(_talks);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _talks.Add(TalkAsync(await _listener.AcceptTcpClientAsync(_stop.Token), Interlocked.Increment(ref _connections)));
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task TalkAsync(TcpClient client, int connection)
    {
        using var _ = client;
        try
        {
            client.NoDelay = true;
            Stream stream = client.GetStream();
            if (_certificate is not null)
            {
                var tls = new SslStream(stream);
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
                stream = tls;
            }

            var line = new RequestLine(stream);
            for (var number = 1; await line.NextAsync(_stop.Token) is { } head; number++)
            {
                var request = new FileRequest(head, stream, client.Client, line, _stop.Token)
                {
                    Number = Interlocked.Increment(ref _requests),
                    Connection = connection,
                    NumberOnConnection = number,
                };
                request.Content = _files.GetValueOrDefault(request.Path);
                Requests.Enqueue(request);
                await (OnRequest?.Invoke(request) ?? request.ServeAsync());
                if (request.IsLast)
                    return;
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException or SocketException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
        {
        }
    }
}
