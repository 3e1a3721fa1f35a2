using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Stevedore.Programs;

namespace Stevedore.Chaos;

/// <summary>nginx, which serves a folder and limits the rate of each connection.</summary>
internal sealed class LimitedServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly string[] Places = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx", "/opt/homebrew/bin/nginx"];

    private readonly ChildProgram _program;
    private readonly string _log;

    private LimitedServer(ChildProgram program, string log, int port)
    {
        _program = program;
        _log = log;
        Endpoint = $"http://127.0.0.1:{port}/";
    }

    /// <summary>The folder's address.</summary>
    public string Endpoint { get; }

    /// <summary>Starts it; null where nginx is not here.</summary>
    /// <param name="folder">For its own files.</param>
    /// <param name="served">What it serves.</param>
    /// <param name="bytesPerSecond">Of each connection; 0 for as fast as it goes.</param>
    /// <param name="cancellationToken">Stops the start.</param>
    public static async Task<LimitedServer?> StartAsync(string folder, string served, long bytesPerSecond, CancellationToken cancellationToken)
    {
        if (Array.Find(Places, File.Exists) is not { } nginx)
            return null;
        Directory.CreateDirectory(folder);
        var port = FreePort();
        var (file, log) = (Path.Combine(folder, "nginx.conf"), Path.Combine(folder, "access.log"));
        await File.WriteAllTextAsync(file, Configuration(folder, served, log, port, bytesPerSecond), cancellationToken);
        var server = new LimitedServer(ChildProgram.Start(nginx, ["-e", Path.Combine(folder, "error.log"), "-c", file]), log, port);
        try
        {
            await server.AnsweringAsync(port, cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Bytes of bodies that it served, by its access log.</summary>
    public long BytesServed()
    {
        using var log = new StreamReader(new FileStream(_log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var bytes = 0L;
        while (log.ReadLine() is { } line)
            bytes += long.Parse(line, CultureInfo.InvariantCulture);
        return bytes;
    }

    // The master takes its workers along only where it is asked to end.
    public async ValueTask DisposeAsync()
    {
        _program.Terminate();
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            _ = await _program.EndAsync(limit.Token);
        }
        finally
        {
            await _program.DisposeAsync();
        }
    }

    private static string Configuration(string folder, string served, string log, int port, long bytesPerSecond) =>
        $$"""
        daemon off;
        user {{Environment.UserName}};
        worker_processes 1;
        pid {{folder}}/nginx.pid;
        events { worker_connections 1024; }
        http {
          log_format bytes "$body_bytes_sent";
          access_log {{log}} bytes;
          sendfile on;
          default_type application/octet-stream;
          client_body_temp_path {{folder}}/body;
          proxy_temp_path {{folder}}/proxy;
          fastcgi_temp_path {{folder}}/fastcgi;
          uwsgi_temp_path {{folder}}/uwsgi;
          scgi_temp_path {{folder}}/scgi;
          server {
            listen 127.0.0.1:{{port}};
            root {{served}};
            limit_rate {{bytesPerSecond}};
          }
        }
        """;

    private async Task AnsweringAsync(int port, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        while (true)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port, limit.Token);
                return;
            }
            catch (SocketException) when (!_program.HasEnded)
            {
                await Task.Delay(20, limit.Token);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
