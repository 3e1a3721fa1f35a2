using System.Text.Json;
using System.Text.Json.Nodes;

namespace Stevedore.Programs;

/// <summary>The published webhook, serving over TLS on a port of its own choice.</summary>
public sealed class WebhookProgram : IAsyncDisposable
{
    // The event of webhook/Serving/Lifecycle.cs that says where the server listens; ids of events are stable.
    private const int ReadyEvent = 300;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ChildProgram _program;

    private WebhookProgram(ChildProgram program, IReadOnlyList<Uri> urls) =>
        (_program, Address, Metrics) = (program, urls.First(url => url.Scheme == Uri.UriSchemeHttps), urls.FirstOrDefault(url => url.Scheme == Uri.UriSchemeHttp));

    /// <summary>Where reviews go: <c>https://127.0.0.1:PORT</c>.</summary>
    public Uri Address { get; }

    /// <summary>Where metrics are: <c>http://127.0.0.1:PORT</c>; null where it was told to export none.</summary>
    public Uri? Metrics { get; }

    /// <summary>The process's id.</summary>
    public int Id => _program.Id;

    /// <summary>Starts it and waits until it calls itself ready.</summary>
    /// <param name="checkout">Where it was published.</param>
    /// <param name="certificate">What it serves.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="pause">How long it is to answer on after SIGTERM.</param>
    public static Task<WebhookProgram> StartAsync(Checkout checkout, ServingCertificate certificate, CancellationToken cancellationToken, string pause = "0s") => StartAsync(
        checkout.Webhook,
        [
            "serve", "--listen", "https://127.0.0.1:0", "--metrics", "http://127.0.0.1:0", "--pause", pause,
            "--tls-cert", certificate.CertificateFile, "--tls-key", certificate.KeyFile,
        ],
        Patience,
        cancellationToken);

    /// <summary>Starts a webhook with arguments of one's own and waits until it calls itself ready.</summary>
    public static async Task<WebhookProgram> StartAsync(string path, IEnumerable<string> arguments, TimeSpan patience, CancellationToken cancellationToken)
    {
        var (program, urls) = await ChildProgram.StartAsync(path, arguments, UrlsIn, patience, cancellationToken);
        return new WebhookProgram(program, urls);
    }

    /// <summary>Asks it to stop, and waits.</summary>
    public async Task<EndedProgram> StopAsync(CancellationToken cancellationToken)
    {
        _program.Terminate();
        return await _program.EndAsync(cancellationToken);
    }

    /// <summary>Sees to it that it is gone.</summary>
    public ValueTask DisposeAsync() => _program.DisposeAsync();

    private static IReadOnlyList<Uri>? UrlsIn(string line)
    {
        try
        {
            var entry = JsonNode.Parse(line);
            return entry?["EventId"]?.GetValue<int>() != ReadyEvent ? null : [.. entry["State"]!["Urls"]!.GetValue<string>().Split(", ").Select(url => new Uri(url))];
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
