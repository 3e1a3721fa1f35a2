using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Stevedore.LoadClient;

/// <summary>One kept-alive TLS connection that sends a review at a time and looks at what comes back.</summary>
/// <param name="settings">Where to, and whom to trust.</param>
/// <param name="certificates">Takes the serial of each certificate that a server showed.</param>
internal sealed class ReviewConnection(LoadSettings settings, ConcurrentDictionary<string, bool> certificates) : IAsyncDisposable
{
    private readonly byte[] _answer = new byte[256 * 1024];
    private byte[] _request = [];
    private SslStream? _tls;
    private int _sent;

    /// <summary>Connects, unless it is connected.</summary>
    public async Task ConnectAsync(CancellationToken cancellation)
    {
        if (_tls is not null)
            return;
        var address = IPAddress.TryParse(settings.Url.Host.Trim('[', ']'), out var ip) ? ip : IPAddress.Loopback;
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address, settings.Url.Port, cancellation);
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(settings.Authority);
        var options = new SslClientAuthenticationOptions { TargetHost = settings.Url.Host.Trim('[', ']'), CertificateChainPolicy = policy };
        await tls.AuthenticateAsClientAsync(options, cancellation);
        certificates.TryAdd(tls.RemoteCertificate!.GetSerialNumberString(), true);
        (_tls, _sent) = (tls, 0);
    }

    /// <summary>Sends a review and waits for its answer; a broken connection is made anew for the next one.</summary>
    public async Task<Failure> SendAsync(ReviewRequest review, int number, CancellationToken cancellation)
    {
        try
        {
            await ConnectAsync(cancellation);
            if (_request.Length < review.Length)
                _request = new byte[review.Length];
            await _tls!.WriteAsync(_request.AsMemory(0, review.Write(_request, number)), cancellation);
            var (length, body, close) = await ReadAsync(_tls, cancellation);
            if (close || ++_sent >= settings.ReviewsAConnection)
                await DisposeAsync();
            return Judge(_answer.AsSpan(0, length), body, number);
        }
        catch (Exception e) when (e is IOException or SocketException or FormatException or System.Security.Authentication.AuthenticationException)
        {
            await DisposeAsync();
            return Failure.Connection;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_tls is { } tls)
            await tls.DisposeAsync();
        _tls = null;
    }

    private static Failure Judge(ReadOnlySpan<byte> answer, int body, int number)
    {
        if (!answer.StartsWith("HTTP/1.1 200"u8))
            return Failure.Status;
        var json = answer[body..];
        if (json.IndexOf(ReviewRequest.Uid(number)) < 0)
            return Failure.Uid;
        return json.IndexOf("\"allowed\":true"u8) < 0 ? Failure.Denied : Failure.None;
    }

    /// <summary>Reads one answer with a Content-Length: its length, where its body begins, and whether the server closes after it.</summary>
    private async Task<(int Length, int Body, bool Close)> ReadAsync(SslStream tls, CancellationToken cancellation)
    {
        var filled = 0;
        while (true)
        {
            var read = await tls.ReadAsync(_answer.AsMemory(filled), cancellation);
            if (read == 0)
                throw new IOException("The server closed the connection before its answer was whole.");
            filled += read;
            var body = _answer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8) + 4;
            if (body < 4)
                continue;
            var head = Encoding.ASCII.GetString(_answer, 0, body);
            var whole = body + Header(head, "content-length") switch
            {
                { } length => int.Parse(length, CultureInfo.InvariantCulture),
                _ => throw new FormatException("The answer does not say its length."),
            };
            if (filled >= whole)
                return (whole, body, string.Equals(Header(head, "connection"), "close", StringComparison.OrdinalIgnoreCase));
        }
    }

    private static string? Header(string head, string name) => head.Split("\r\n")
        .Where(line => line.StartsWith($"{name}:", StringComparison.OrdinalIgnoreCase))
        .Select(line => line[(name.Length + 1)..].Trim()).FirstOrDefault();
}
