using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Stevedore.HubFixture;

namespace Stevedore.Fetcher.Tests.Fixture;

public sealed class HubContentTests : IDisposable
{
    private static readonly byte[] Weights = FixtureClient.Pattern(100_000);
    private readonly FixtureClient _client = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task A_plain_file_is_served_where_it_was_asked_for()
    {
        await using var hub = await Start();

        using var head = await _client.Head(new Uri(hub.Endpoint, "org/model/resolve/main/config.json"));
        using var get = await _client.Get(new Uri(hub.Endpoint, "org/model/resolve/main/config.json"), "bytes=1-");

        ((int)head.StatusCode, head.Content.Headers.ContentLength).Should().Be((200, 2));
        head.Headers.ETag!.Tag.Should().Be("\"9e26dfeeb6e641a33dae4961196235bdb965b21b\"");
        head.Headers.GetValues("X-Repo-Commit").Single().Should().HaveLength(40);
        (await get.Content.ReadAsStringAsync(Ct)).Should().Be("}");
        hub.Log.Select(exchange => (exchange.Method, exchange.Range, exchange.Status, exchange.BytesSent)).Should().Equal(
            ("HEAD", null, 200, 0), ("GET", "bytes=1-", 206, 1));
        hub.BytesServed.Should().Be(1);
    }

    [Fact]
    public async Task A_large_file_is_served_by_another_host_with_validators_of_its_own()
    {
        await using var hub = await Start();

        using var redirect = await _client.Get(new Uri(hub.Endpoint, "org/model/resolve/main/model.safetensors"));
        using var content = await _client.Get(redirect.Headers.Location!);

        redirect.Headers.Location!.Host.Should().Be("localhost").And.NotBe(hub.Endpoint.Host);
        redirect.Headers.GetValues("X-Linked-ETag").Single().Should().Be($"\"{Convert.ToHexStringLower(SHA256.HashData(Weights))}\"");
        redirect.Headers.GetValues("X-Linked-Size").Single().Should().Be("100000");
        (await content.Content.ReadAsByteArrayAsync(Ct)).Should().Equal(Weights);
        content.Headers.ETag!.Tag.Should().NotBe(redirect.Headers.GetValues("X-Linked-ETag").Single());
        hub.Log.Select(exchange => (exchange.Listener, exchange.File, exchange.IsContent)).Should().Equal(
            (Listener.Hub, "model.safetensors", false), (Listener.Cdn, "model.safetensors", true));
        hub.BytesServed.Should().Be(100_000, "the redirect's own body is no content");
    }

    [Theory]
    [InlineData("bytes=0-0", 206, "bytes 0-0/100000")]
    [InlineData("bytes=99999-", 206, "bytes 99999-99999/100000")]
    [InlineData("bytes=500-999999", 206, "bytes 500-99999/100000")]
    [InlineData("bytes=-10", 206, "bytes 99990-99999/100000")]
    [InlineData("bytes=100000-", 416, "bytes */100000")]
    [InlineData("bytes=9-5", 200, null)]
    [InlineData("bytes=0-1,5-6", 200, null)]
    [InlineData("lines=1-2", 200, null)]
    public async Task The_CDN_reads_ranges_as_the_RFC_says(string range, int status, string? contentRange)
    {
        await using var hub = await Start();

        using var response = await _client.Get(await _client.Resolve(hub, "org/model/resolve/main/model.safetensors"), range);
        var body = await response.Content.ReadAsByteArrayAsync(Ct);

        ((int)response.StatusCode, response.Content.Headers.ContentRange?.ToString()).Should().Be((status, contentRange));
        var expected = response.Content.Headers.ContentRange is { From: { } from, To: { } to } ? Weights[(int)from..((int)to + 1)] : Weights;
        if (status != 416)
            body.Should().Equal(expected);
    }

    [Fact]
    public async Task Preconditions_hold_the_range_to_the_validator_of_the_host_that_sends()
    {
        await using var hub = await Start();
        var signed = await _client.Resolve(hub, "org/model/resolve/main/model.safetensors");
        using var first = await _client.Get(signed, "bytes=0-0");
        var etag = first.Headers.ETag!.Tag;

        (await StatusWith("If-Match", etag)).Should().Be(206);
        (await StatusWith("If-Match", "\"other\"")).Should().Be(412);
        (await StatusWith("If-Range", etag)).Should().Be(206);
        (await StatusWith("If-Range", "\"other\"")).Should().Be(200);

        async Task<int> StatusWith(string header, string value)
        {
            using var response = await _client.Get(signed, "bytes=0-9", headers => headers.TryAddWithoutValidation(header, value));
            return (int)response.StatusCode;
        }
    }

    [Fact]
    public async Task Text_is_gzipped_and_ranges_ignored_for_whoever_forgets_to_ask_for_identity()
    {
        await using var hub = await Start();
        var config = new Uri(hub.Endpoint, "org/model/resolve/main/config.json");

        using var careless = await _client.Get(config, "bytes=0-0", headers => headers.AcceptEncoding.ParseAdd("gzip, deflate"));
        using var careful = await _client.Get(config, "bytes=0-0", headers => headers.AcceptEncoding.ParseAdd("identity"));

        ((int)careless.StatusCode, careless.Content.Headers.ContentLength).Should().Be((200, null));
        careless.Content.Headers.ContentEncoding.Should().Equal("gzip");
        careless.Headers.ETag!.IsWeak.Should().BeTrue();
        ((int)careful.StatusCode, careful.Content.Headers.ContentLength).Should().Be((206, 1));
    }

    [Fact]
    public async Task Plain_files_can_be_told_to_redirect_within_the_host()
    {
        await using var hub = await Start(new HubOptions { RedirectPlainFiles = true });

        using var redirect = await _client.Get(new Uri(hub.Endpoint, "org/model/resolve/main/config.json"));

        ((int)redirect.StatusCode).Should().Be(307);
        redirect.Headers.Location!.IsAbsoluteUri.Should().BeFalse();
        (await _client.Bytes(new Uri(hub.Endpoint, redirect.Headers.Location))).Should().Equal(FixtureClient.Text("{}"));
    }

    [Fact]
    public async Task A_folder_becomes_a_repository_whose_safetensors_lie_in_LFS()
    {
        var folder = Directory.CreateTempSubdirectory("hub-fixture-");
        SampleModel.Write(folder.FullName, size: 64 << 10);
        await using var hub = await HubServer.StartAsync(ct: Ct);

        var commit = hub.AddRepositoryFrom("org/model", folder.FullName).Find("main")!;

        commit.Files.Where(file => file.IsLfs).Select(file => file.Path)
            .Should().Equal("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors");
        foreach (var file in commit.Files)
        {
            var uri = new Uri(hub.Endpoint, $"org/model/resolve/{commit.Sha}/{file.Path}");
            var served = await _client.Bytes(file.IsLfs ? await _client.Resolve(hub, uri.AbsolutePath) : uri);
            served.Should().Equal(await File.ReadAllBytesAsync(Path.Combine(folder.FullName, file.Path), Ct));
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Every_address_of_localhost_reaches_the_CDN()
    {
        await using var hub = await Start();
        var signed = await _client.Resolve(hub, "org/model/resolve/main/model.safetensors");

        foreach (var address in await Dns.GetHostAddressesAsync("localhost", Ct))
            (await _client.Bytes(new UriBuilder(signed) { Host = address.ToString() }.Uri)).Should().Equal(Weights);
    }

    [Fact]
    public async Task Both_hosts_serve_https_with_the_certificate_they_are_given()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=hub-fixture", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        await using var hub = await Start(new HubOptions { Certificate = certificate });
        using var http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, shown, _, errors) =>
                    shown!.GetCertHashString() == certificate.GetCertHashString() && (errors & SslPolicyErrors.RemoteCertificateNameMismatch) == 0,
            },
        });

        (await http.GetByteArrayAsync(new Uri(hub.Endpoint, "org/model/resolve/main/model.safetensors"), Ct)).Should().Equal(Weights);
        hub.BytesServed.Should().Be(Weights.Length);
    }

    [Fact]
    public async Task Parts_fetched_at_once_add_up_in_the_log()
    {
        await using var hub = await Start();
        var signed = await _client.Resolve(hub, "org/model/resolve/main/model.safetensors");

        var parts = await Task.WhenAll(Enumerable.Range(0, 20).Select(async part =>
        {
            using var response = await _client.Get(signed, $"bytes={part * 5000}-{(part * 5000) + 4999}");
            return await response.Content.ReadAsByteArrayAsync(Ct);
        }));

        parts.SelectMany(part => part).Should().Equal(Weights);
        hub.BytesServed.Should().Be(Weights.Length);
        hub.Log.Count(exchange => exchange.Listener == Listener.Cdn).Should().Be(20);
    }

    [Fact]
    public async Task A_client_that_leaves_is_charged_for_what_was_sent_and_no_more()
    {
        var large = FixtureClient.Pattern(64 << 20);
        await using var hub = await HubServer.StartAsync(ct: Ct);
        hub.AddRepository("org/model").AddFile("large.bin", large, lfs: true).Publish();
        var signed = await _client.Resolve(hub, "org/model/resolve/main/large.bin");

        using (var response = await _client.Get(signed))
        await using (var body = await response.Content.ReadAsStreamAsync(Ct))
            await body.ReadExactlyAsync(new byte[1 << 20], Ct);

        hub.BytesServed.Should().BeInRange(1 << 20, large.Length - 1, "sockets don't hold tens of megabytes that nobody reads");
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b")]
    [InlineData("C:\\windows")]
    public async Task Paths_that_a_client_must_refuse_are_listed_and_served_as_they_are(string path)
    {
        await using var hub = await HubServer.StartAsync(ct: Ct);
        hub.AddRepository("org/model").AddFile(path, "hostile").Publish();

        var listing = JsonDocument.Parse(await _client.Bytes(new Uri(hub.Endpoint, "api/models/org/model/tree/main?recursive=true")));
        var content = await _client.Bytes(new Uri(hub.Endpoint, $"org/model/resolve/main/{Uri.EscapeDataString(path)}"));

        listing.RootElement.EnumerateArray()
            .Where(entry => entry.GetProperty("type").GetString() == "file")
            .Select(entry => entry.GetProperty("path").GetString())
            .Should().Equal(path);
        content.Should().Equal(FixtureClient.Text("hostile"));
    }

    private static async Task<HubServer> Start(HubOptions? options = null)
    {
        var hub = await HubServer.StartAsync(options, Ct);
        hub.AddRepository("org/model").AddFile("config.json", "{}").AddFile("model.safetensors", Weights, lfs: true).Publish();
        return hub;
    }
}
