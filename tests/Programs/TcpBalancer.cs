using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Stevedore.Programs;

/// <summary>
/// What a Service does for its pods, on loopback: each new connection goes to one of the backends that called themselves ready when they were asked last;
/// connections that stand are left alone.
/// </summary>
public sealed class TcpBalancer : IAsyncDisposable
{
    private static readonly TimeSpan ProbePeriod = TimeSpan.FromMilliseconds(250);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly List<Uri> _backends = [];
    private readonly HashSet<Uri> _ready = [];
    private readonly HttpClient _prober;
    private readonly Task _work;
    private int _turn;

    private TcpBalancer(X509Certificate2 authority)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(authority);
        var handler = new SocketsHttpHandler { UseProxy = false, SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = trust } };
        _prober = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(5) };
        _listener.Start();
        _work = Task.WhenAll(AcceptAsync(), ProbeAsync());
    }

    /// <summary>Where clients connect.</summary>
    public Uri Address => new($"https://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Starts without a backend.</summary>
    /// <param name="authority">Whom the backends' certificates are from, for the questions whether they are ready.</param>
    public static TcpBalancer Start(X509Certificate2 authority) => new(authority);

    /// <summary>Adds a backend and waits until it was seen ready.</summary>
    public async Task AddAsync(Uri backend, CancellationToken cancellationToken)
    {
        lock (_gate)
            _backends.Add(backend);
        while (!IsReady(backend))
            await Task.Delay(ProbePeriod, cancellationToken);
    }

    /// <summary>Forgets a backend.</summary>
    public void Remove(Uri backend)
    {
        lock (_gate)
        {
            _backends.Remove(backend);
            _ready.Remove(backend);
        }
    }

    /// <summary>Stops taking connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _work;
        _prober.Dispose();
        _listener.Dispose();
        _end.Dispose();
    }

    private bool IsReady(Uri backend)
    {
        lock (_gate)
            return _ready.Contains(backend);
    }

    private Uri? Next()
    {
        lock (_gate)
            return _ready.Count == 0 ? null : _ready.Order(Comparer<Uri>.Create((a, b) => a.Port.CompareTo(b.Port))).ElementAt(_turn++ % _ready.Count);
    }

    private async Task ProbeAsync()
    {
        using var timer = new PeriodicTimer(ProbePeriod);
        while (!_end.IsCancellationRequested)
        {
            Uri[] backends;
            lock (_gate)
                backends = [.. _backends];
            await Task.WhenAll(backends.Select(async backend =>
            {
                var ready = await AnswersAsync(backend);
                lock (_gate)
                {
                    if (ready && _backends.Contains(backend))
                        _ready.Add(backend);
                    else
                        _ready.Remove(backend);
                }
            }));
            if (!await UntilStoppedAsync(timer))
                return;
        }
    }

    private async Task<bool> UntilStoppedAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(_end.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<bool> AnswersAsync(Uri backend)
    {
        try
        {
            using var answer = await _prober.GetAsync(new Uri(backend, "/readyz"), _end.Token);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptSocketAsync(_end.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            _ = RelayAsync(client);
        }
    }

    private async Task RelayAsync(Socket client)
    {
        using (client)
        {
            using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            client.NoDelay = true;
            try
            {
                if (Next() is not { } backend)
                    return;
                await server.ConnectAsync(IPAddress.Loopback, backend.Port, _end.Token);
                await Task.WhenAll(PumpAsync(client, server), PumpAsync(server, client));
            }
            catch (Exception e) when (e is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
            {
                // One side is gone; the other learns of it by its end of the connection.
            }
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await from.ReceiveAsync(buffer, _end.Token)) > 0)
        {
            for (var sent = 0; sent < read;)
                sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _end.Token);
        }

        to.Shutdown(SocketShutdown.Send);
    }
}
