using System.Net.Http.Headers;
using System.Text;
using Stevedore.HubFixture;

namespace Stevedore.Fetcher.Tests.Fixture;

/// <summary>A client that follows nothing, decompresses nothing and keeps no connection from one test to the next.</summary>
internal sealed class FixtureClient : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
    {
        Timeout = TimeSpan.FromSeconds(20),
    };

    public Task<HttpResponseMessage> Get(Uri uri, string? range = null, Action<HttpRequestHeaders>? headers = null) =>
        Send(HttpMethod.Get, uri, range, headers);

    public Task<HttpResponseMessage> GetWithToken(Uri uri, string? token) =>
        Get(uri, headers: headers => headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token));

    public Task<HttpResponseMessage> Head(Uri uri) => Send(HttpMethod.Head, uri, null, null);

    public async Task<byte[]> Bytes(Uri uri)
    {
        using var response = await Get(uri);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsByteArrayAsync();
    }

    /// <summary>Where the Hub sends the readers of a large file.</summary>
    public async Task<Uri> Resolve(HubServer hub, string pathAndFile)
    {
        using var response = await Get(new Uri(hub.Endpoint, pathAndFile));
        ((int)response.StatusCode).Should().Be(302);
        return response.Headers.Location!;
    }

    public void Dispose() => _http.Dispose();

    public static byte[] Pattern(int length, int seed = 7)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private async Task<HttpResponseMessage> Send(HttpMethod method, Uri uri, string? range, Action<HttpRequestHeaders>? headers)
    {
        using var request = new HttpRequestMessage(method, uri);
        if (range is not null)
            request.Headers.TryAddWithoutValidation("Range", range);
        headers?.Invoke(request.Headers);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
