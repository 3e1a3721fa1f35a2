using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Stevedore.Smoke.Tests.Support;

/// <summary>
/// A cloud on one loopback port: a bucket that only knows one key, STS, a container's and the machine's metadata, each of which gives that key away as the real ones do.
/// </summary>
internal sealed class FakeCloud : IAsyncDisposable
{
    public const string Key = "ASIAGOODKEY";
    public const string Secret = "secretOfTheRole";
    public const string Session = "sessionOfTheRole";
    public const string Content = "{\"model_type\":\"llama\"}";

    private readonly HttpListener _listener;
    private readonly Task _serving;

    public FakeCloud()
    {
        (_listener, Endpoint) = Listen();
        _serving = ServeAsync();
    }

    public string Endpoint { get; }

    /// <summary>Method, path and the key that signed, of every request.</summary>
    public ConcurrentQueue<string> Log { get; } = new();

    /// <summary>What was posted to STS.</summary>
    public ConcurrentQueue<string> Posted { get; } = new();

    /// <summary>Whether STS refuses the role.</summary>
    public bool RefusesRole { get; set; }

    /// <summary>Whether the bucket shows itself to everybody.</summary>
    public bool IsOpen { get; set; }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _listener.Close();
    }

    // The listener takes no port 0: a free one is looked for, and somebody may be quicker.
    private static (HttpListener Listener, string Endpoint) Listen()
    {
        for (var tries = 1; ; tries++)
        {
            int port;
            using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                port = ((IPEndPoint)socket.LocalEndPoint!).Port;
            }

            var listener = new HttpListener();
            listener.Prefixes.Add($"http://127.0.0.1:{port}/");
            try
            {
                listener.Start();
                return (listener, $"http://127.0.0.1:{port}");
            }
            catch (HttpListenerException) when (tries < 20)
            {
                listener.Close();
            }
        }
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
                await AnswerAsync(await _listener.GetContextAsync());
        }
        catch (Exception stopped) when (stopped is HttpListenerException or ObjectDisposedException)
        {
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var (request, path) = (context.Request, context.Request.Url!.AbsolutePath);
        var authorization = request.Headers["Authorization"];
        Log.Enqueue($"{request.HttpMethod} {path} {authorization?.Split("Credential=")[^1].Split('/')[0]}");
        var (status, body) = path switch
        {
            "/" when request.HttpMethod == "POST" => await StsAsync(request),
            "/creds" when authorization == "token-of-the-pod" => (200, Json()),
            "/latest/api/token" => (200, "token-of-the-machine"),
            "/latest/meta-data/iam/security-credentials" or "/latest/meta-data/iam/security-credentials/" => (200, "role"),
            "/latest/meta-data/iam/security-credentials/role" => (200, Json()),
            "/bkt" or "/bkt/m/config.json" when !IsAllowed(request, authorization) => (403, "<Error><Code>AccessDenied</Code></Error>"),
            "/bkt" => (200, $"<ListBucketResult><Contents><Key>m/config.json</Key><Size>{Content.Length}</Size></Contents></ListBucketResult>"),
            "/bkt/m/config.json" => (200, Content),
            _ => (404, "<Error><Code>NoSuchKey</Code></Error>"),
        };
        context.Response.StatusCode = status;
        var bytes = Encoding.UTF8.GetBytes(body);
        context.Response.ContentLength64 = bytes.Length;
        if (request.HttpMethod != "HEAD")
            await context.Response.OutputStream.WriteAsync(bytes);
        context.Response.Close();
    }

    private bool IsAllowed(HttpListenerRequest request, string? authorization) => IsOpen
        ? authorization is null
        : authorization?.Contains($"Credential={Key}/") == true && request.Headers["x-amz-security-token"] == Session;

    private async Task<(int Status, string Body)> StsAsync(HttpListenerRequest request)
    {
        using var reader = new StreamReader(request.InputStream);
        Posted.Enqueue(await reader.ReadToEndAsync());
        return RefusesRole
            ? (403, "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>Not authorized</Message></Error></ErrorResponse>")
            : (200, $"""
                <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>
                <SubjectFromWebIdentityToken>system:serviceaccount:ns:sa</SubjectFromWebIdentityToken><Audience>sts.amazonaws.com</Audience>
                <AssumedRoleUser><Arn>arn:aws:sts::1:assumed-role/role/s</Arn><AssumedRoleId>A:s</AssumedRoleId></AssumedRoleUser>
                <Credentials><SessionToken>{Session}</SessionToken><SecretAccessKey>{Secret}</SecretAccessKey><Expiration>{Expiration}</Expiration><AccessKeyId>{Key}</AccessKeyId></Credentials>
                </AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>
                """);
    }

    private static string Json() =>
        $$"""{"Code":"Success","Type":"AWS-HMAC","LastUpdated":"2020-01-01T00:00:00Z","AccessKeyId":"{{Key}}","SecretAccessKey":"{{Secret}}","Token":"{{Session}}","Expiration":"{{Expiration}}"}""";

    private static string Expiration => DateTime.UtcNow.AddHours(6).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
}
