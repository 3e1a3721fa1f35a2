using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Stevedore.Webhook.Admission;
using Stevedore.Webhook.Certificates;

namespace Stevedore.Webhook.Serving;

/// <summary>
/// Puts canned reviews through the program's own endpoint before it calls itself ready: what a first review compiles and opens costs 50 ms,
/// and whether listener, certificate and injection work together is known before the first pod depends on it.
/// </summary>
internal sealed class SelfReview(IServer server, ServingCertificate certificate)
{
    private const int Rounds = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Runs them; gives the URLs that the server listens at.</summary>
    /// <exception cref="InvalidOperationException">The server doesn't answer its own review as it should.</exception>
    public async Task<string> RunAsync(CancellationToken cancellation)
    {
        var urls = server.Features.Get<IServerAddressesFeature>()!.Addresses;
        using var client = Client(urls.First(u => u.StartsWith("https:", StringComparison.Ordinal)));
        for (var round = 0; round < Rounds; round++)
        {
            await ReviewAsync(client, "/mutate/explicit", round, cancellation);
            await ReviewAsync(client, "/mutate/detected", round, cancellation);
        }

        return string.Join(", ", urls);
    }

    private static async Task ReviewAsync(HttpClient client, string path, int round, CancellationToken cancellation)
    {
        var uid = $"self-review-{round}";
        using var content = new StringContent(Review(uid), new MediaTypeHeaderValue("application/json"));
        using var answer = await client.PostAsync(new Uri(path, UriKind.Relative), content, cancellation);
        var body = await answer.Content.ReadAsByteArrayAsync(cancellation);
        var response = answer.IsSuccessStatusCode ? JsonSerializer.Deserialize(body, AdmissionJson.Default.AdmissionReview)?.Response : null;
        // The policies may well refuse this pod; that is an answer, too.
        if (response is not ({ Allowed: true } or { Status.Code: StatusCodes.Status403Forbidden }) || response.Uid != uid)
            throw new InvalidOperationException($"The webhook's own review at {path} got {(int)answer.StatusCode} and no decision; it would fail every pod.");
    }

    private HttpClient Client(string url)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                // Not who it says it is, but whether it is the very certificate that this program serves.
                RemoteCertificateValidationCallback = (_, offered, _, _) =>
                    offered is not null && offered.GetRawCertData().AsSpan().SequenceEqual(certificate.Leaf.RawData),
                LocalCertificateSelectionCallback = certificate.Clients is null ? null : (_, _, _, _, _) => certificate.Leaf,
            },
        };
        var address = new UriBuilder(url);
        if (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip))
        {
            address.Host = ip.Equals(IPAddress.Any) ? "127.0.0.1" : ip.Equals(IPAddress.IPv6Any) ? "[::1]" : address.Host;
        }

        return new HttpClient(handler) { BaseAddress = address.Uri, Timeout = Patience };
    }

    private static string Review(string uid) => $$"""
        {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"{{uid}}","operation":"CREATE","namespace":"default",
        "resource":{"group":"","version":"v1","resource":"pods"},"object":{"apiVersion":"v1","kind":"Pod",
        "metadata":{"name":"self-review","annotations":{"stevedore.dev/model":"hf://Qwen/Qwen3-8B"} },
        "spec":{"containers":[{"name":"vllm","image":"vllm/vllm-openai:latest","args":["--model","Qwen/Qwen3-8B"]}]} } } }
        """;
}
