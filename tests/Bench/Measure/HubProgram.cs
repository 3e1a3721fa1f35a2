using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Stevedore.Programs;

namespace Stevedore.Bench.Measure;

/// <summary>The Hub fixture as a process of its own, so that neither its memory nor its processor time is the bench's.</summary>
internal sealed class HubProgram : IAsyncDisposable
{
    // At its start the fixture hashes what it serves.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ChildProgram _program;
    private readonly HttpClient _client;

    private HubProgram(ChildProgram program, Uri endpoint)
    {
        _program = program;
        Endpoint = endpoint;
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = endpoint };
    }

    /// <summary>What <c>HF_ENDPOINT</c> must be.</summary>
    public Uri Endpoint { get; }

    /// <summary>Serves a folder of <c>OWNER/NAME</c> folders.</summary>
    public static async Task<HubProgram> StartAsync(string root, CancellationToken cancellationToken)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "hub-fixture");
        var (program, endpoint) = await ChildProgram.StartAsync(path, ["serve", "--root", root], EndpointIn, Patience, cancellationToken);
        return new HubProgram(program, endpoint);
    }

    /// <summary>Bytes of content that it served so far, in all.</summary>
    public async Task<long> BytesServedAsync(CancellationToken cancellationToken) =>
        (await _client.GetFromJsonAsync<JsonNode>(new Uri("_fixture/log", UriKind.Relative), cancellationToken))!["bytesServed"]!.GetValue<long>();

    /// <summary>Starts counting from nothing.</summary>
    public async Task ForgetAsync(CancellationToken cancellationToken)
    {
        using var answer = await _client.PostAsync(new Uri("_fixture/reset", UriKind.Relative), content: null, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _program.DisposeAsync();
    }

    private static Uri? EndpointIn(string line) =>
        line.StartsWith('{') && JsonNode.Parse(line)?["endpoint"]?.GetValue<string>() is { } endpoint ? new Uri(endpoint) : null;
}
