using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Stevedore.HubFixture;

namespace Stevedore.Fetcher.Tests.Fixture;

public sealed class PlainFileServerTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("plain-files-");
    private readonly FixtureClient _client = new();

    public PlainFileServerTests()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "config.json"), "{}");
        _folder.CreateSubdirectory("sub folder");
        File.WriteAllText(Path.Combine(_folder.FullName, "sub folder", "b.txt"), "0123456789");
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _client.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task It_lists_folders_as_nginx_does()
    {
        await using var server = await Start();

        var root = JsonDocument.Parse(await _client.Bytes(server.Endpoint)).RootElement.EnumerateArray().ToArray();
        using var withoutSlash = await _client.Get(new Uri(server.Endpoint, "sub%20folder"));

        root.Select(entry => (entry.GetProperty("name").GetString(), entry.GetProperty("type").GetString()))
            .Should().Equal(("sub folder", "directory"), ("config.json", "file"));
        root[1].GetProperty("size").GetInt64().Should().Be(2);
        ((int)withoutSlash.StatusCode, withoutSlash.Headers.Location!.OriginalString).Should().Be((301, "/sub%20folder/"));
        var inner = JsonDocument.Parse(await _client.Bytes(new Uri(server.Endpoint, "sub%20folder/"))).RootElement;
        inner[0].GetProperty("name").GetString().Should().Be("b.txt");
        server.BytesServed.Should().Be(0);
    }

    [Fact]
    public async Task It_makes_up_SHA256SUMS_and_lists_no_folder()
    {
        await using var server = await Start(new() { Listing = PlainListing.Sha256Sums });

        var sums = Encoding.UTF8.GetString(await _client.Bytes(new Uri(server.Endpoint, "SHA256SUMS")));
        using var folder = await _client.Get(server.Endpoint);

        sums.Should().Be($"{Sha256("{}")}  config.json\n{Sha256("0123456789")}  sub folder/b.txt\n");
        ((int)folder.StatusCode).Should().Be(404);
    }

    [Fact]
    public async Task Bare_it_has_neither_listing_nor_sums()
    {
        await using var server = await Start(new() { Listing = PlainListing.Bare });

        using var folder = await _client.Get(server.Endpoint);
        using var sums = await _client.Get(new Uri(server.Endpoint, "SHA256SUMS"));

        ((int)folder.StatusCode, (int)sums.StatusCode).Should().Be((404, 404));
        (await _client.Bytes(new Uri(server.Endpoint, "config.json"))).Should().Equal(FixtureClient.Text("{}"));
    }

    [Theory]
    [InlineData(true, 206, "34")]
    [InlineData(false, 200, "0123456789")]
    public async Task Ranges_are_served_unless_it_was_told_to_have_none(bool ranges, int status, string body)
    {
        await using var server = await Start(new() { Ranges = ranges });

        using var response = await _client.Get(new Uri(server.Endpoint, "sub%20folder/b.txt"), "bytes=3-4");

        ((int)response.StatusCode).Should().Be(status);
        (await response.Content.ReadAsStringAsync(Ct)).Should().Be(body);
        server.BytesServed.Should().Be(body.Length);
    }

    [Fact]
    public async Task Credentials_are_required_where_it_was_given_some()
    {
        await using var basic = await Start(new() { BasicUser = "me", BasicPassword = "secret" });
        await using var bearer = await Start(new() { BearerToken = "secret" });

        (await Status(basic, null)).Should().Be(401);
        (await Status(basic, new("Basic", Convert.ToBase64String(FixtureClient.Text("me:wrong"))))).Should().Be(401);
        (await Status(basic, new("Basic", Convert.ToBase64String(FixtureClient.Text("me:secret"))))).Should().Be(200);
        (await Status(bearer, new("Bearer", "wrong"))).Should().Be(401);
        (await Status(bearer, new("Bearer", "secret"))).Should().Be(200);
    }

    [Fact]
    public async Task It_misbehaves_and_pauses_like_the_Hub()
    {
        await using var server = await Start();
        var file = new Uri(server.Endpoint, "sub%20folder/b.txt");
        server.Faults.Add(Fault.FlipByte(9).On("sub folder/*"));

        (await _client.Bytes(file)).Should().Equal(FixtureClient.Text("0123456788"));
        await server.PauseAsync();
        await _client.Invoking(client => client.Get(file)).Should().ThrowAsync<HttpRequestException>();
        await server.ResumeAsync(Ct);
        (await _client.Bytes(file)).Should().Equal(FixtureClient.Text("0123456789"));
    }

    [Fact]
    public async Task Paths_do_not_climb_out_of_the_folder()
    {
        await using var server = await PlainFileServer.StartAsync(Path.Combine(_folder.FullName, "sub folder"), ct: Ct);

        using var response = await _client.Get(new Uri(server.Endpoint, "..%2fconfig.json"));

        ((int)response.StatusCode).Should().Be(400);
    }

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(FixtureClient.Text(text)));

    private Task<PlainFileServer> Start(PlainFileOptions? options = null) => PlainFileServer.StartAsync(_folder.FullName, options, Ct);

    private async Task<int> Status(PlainFileServer server, AuthenticationHeaderValue? authorization)
    {
        var file = new Uri(server.Endpoint, "config.json");
        using var response = await _client.Get(file, headers: headers => headers.Authorization = authorization);
        return (int)response.StatusCode;
    }
}
