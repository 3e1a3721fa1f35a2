using System.Net;
using System.Net.Sockets;
using Stevedore.Programs;

namespace Stevedore.Bench.Peers;

/// <summary>nginx, serving what lies in a folder: a server that nobody here wrote, as fast as they come.</summary>
internal sealed class NginxProgram : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly ChildProgram _program;
    private readonly NginxConfiguration _configuration;
    private readonly string _listing;

    private NginxProgram(ChildProgram program, NginxConfiguration configuration, string listing, string authority)
    {
        _program = program;
        _configuration = configuration;
        _listing = listing;
        Authority = authority;
    }

    /// <summary>Whom a client has to trust: PEM file.</summary>
    public string Authority { get; }

    /// <summary>The endpoint of the bucket.</summary>
    public string S3Endpoint => $"http://127.0.0.1:{_configuration.S3}";

    /// <summary>The root of what is served, without a slash at its end.</summary>
    public string Site(Source source) => source == Source.Https ? $"https://127.0.0.1:{_configuration.Https}" : $"http://127.0.0.1:{_configuration.Http}";

    /// <summary>Starts it and waits until it answers.</summary>
    /// <param name="folder">For everything that it needs.</param>
    /// <param name="sets">The folder of sets' folders; may be empty yet.</param>
    /// <param name="cancellationToken">Stops the start.</param>
    /// <exception cref="ProgramException">It isn't installed, or it ended.</exception>
    public static async Task<NginxProgram> StartAsync(string folder, string sets, CancellationToken cancellationToken)
    {
        var nginx = OnThePath.Find("nginx") ?? throw new ProgramException("nginx serves the sets, and is neither on the PATH nor in /usr/sbin; install it (Debian: apt-get install nginx).");
        Directory.CreateDirectory(folder);
        var certificate = ServingCertificate.Issue(Path.Combine(folder, "certs"));
        var ports = FreePorts(3);
        var listing = Path.Combine(folder, "listing.xml");
        var configuration = new NginxConfiguration(folder, sets, listing, ports[0], ports[1], ports[2], certificate.CertificateFile, certificate.KeyFile);
        var file = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(file, configuration.ToString(), cancellationToken);
        var program = ChildProgram.Start(nginx, ["-e", Path.Combine(folder, "error.log"), "-c", file]);
        try
        {
            await AnsweringAsync(program, configuration, cancellationToken);
            return new NginxProgram(program, configuration, listing, certificate.AuthorityFile);
        }
        catch
        {
            await EndAsync(program);
            throw;
        }
    }

    /// <summary>Makes the bucket hold a set.</summary>
    public void List(WrittenSet set) => BucketListing.Of(set, NginxConfiguration.Bucket).Save(_listing);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => EndAsync(_program);

    private static async Task AnsweringAsync(ChildProgram program, NginxConfiguration configuration, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        foreach (var port in new[] { configuration.Http, configuration.Https, configuration.S3 })
        {
            while (!await IsAnsweringAsync(port, either.Token))
            {
                if (program.HasEnded)
                    throw new ProgramException($"nginx ended at once: {(program.Errors is [var first, ..] ? first : "it said nothing.")}");
                await Task.Delay(Look, either.Token);
            }
        }
    }

    private static async Task<bool> IsAnsweringAsync(int port, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // The master takes its workers along only where it is asked to end.
    private static async ValueTask EndAsync(ChildProgram program)
    {
        program.Terminate();
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            _ = await program.EndAsync(limit.Token);
        }
        finally
        {
            await program.DisposeAsync();
        }
    }

    private static IReadOnlyList<int> FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        try
        {
            listeners.ForEach(listener => listener.Start());
            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            listeners.ForEach(listener => listener.Dispose());
        }
    }
}
