using System.IO.Compression;
using System.Net.Sockets;
using Stevedore.HubFixture;

namespace Stevedore.Fetcher.Tests.Fixture;

public sealed class FaultTests : IAsyncLifetime
{
    private static readonly byte[] Weights = FixtureClient.Pattern(400_000);
    private readonly FixtureClient _client = new();
    private HubServer _hub = null!;
    private Uri _signed = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _hub = await HubServer.StartAsync(ct: Ct);
        _hub.AddRepository("org/model").AddFile("config.json", "{}").AddFile("model.safetensors", Weights, lfs: true).Publish();
        _signed = await _client.Resolve(_hub, "org/model/resolve/main/model.safetensors");
        _hub.ResetLog();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _hub.DisposeAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(399_999)]
    public async Task Truncate_delivers_exactly_so_many_bytes_and_ends(int bytes)
    {
        _hub.Faults.Add(Fault.Truncate(bytes).On("*.safetensors"));

        var (received, error) = await Drain(await _client.Get(_signed));

        received.Should().Equal(Weights[..bytes]);
        error.Should().BeOfType<HttpIOException>().Which.HttpRequestError.Should().Be(HttpRequestError.ResponseEnded);
        _hub.Log[^1].BytesSent.Should().Be(bytes);
        (await _client.Bytes(_signed)).Should().Equal(Weights, "it was told once");
    }

    [Fact]
    public async Task Resets_arrive_as_resets_before_the_headers_and_after_them()
    {
        _hub.Faults.Add(Fault.Reset());
        _hub.Faults.Add(Fault.ResetAfter(1000).After(1));

        var before = await _client.Invoking(client => client.Get(_signed)).Should().ThrowAsync<HttpRequestException>();
        var (received, after) = await Drain(await _client.Get(_signed));

        before.Which.GetBaseException().Should().BeOfType<SocketException>().Which.SocketErrorCode.Should().Be(SocketError.ConnectionReset);
        after!.GetBaseException().Should().BeOfType<SocketException>().Which.SocketErrorCode.Should().Be(SocketError.ConnectionReset);
        received.Length.Should().BeLessThanOrEqualTo(1000);
        _hub.Log.Select(exchange => exchange.Status).Should().Equal(0, 200);
    }

    [Fact]
    public async Task Stall_holds_the_rest_back_until_it_is_released()
    {
        var stall = _hub.Faults.Add(Fault.Stall(300_000));
        using var response = await _client.Get(_signed);
        await using var body = await response.Content.ReadAsStreamAsync(Ct);
        var received = new byte[Weights.Length];
        await body.ReadExactlyAsync(received.AsMemory(0, 300_000), Ct);
        await stall.Struck.WaitAsync(Ct);

        _hub.Log[^1].BytesSent.Should().Be(300_000);
        stall.Release();
        await body.ReadExactlyAsync(received.AsMemory(300_000), Ct);
        received.Should().Equal(Weights);
    }

    [Fact]
    public async Task Stall_for_a_time_goes_on_by_itself()
    {
        _hub.Faults.Add(Fault.Stall(10, TimeSpan.FromMilliseconds(50)));

        (await _client.Bytes(_signed)).Should().Equal(Weights);
    }

    [Fact]
    public async Task Slow_takes_the_time_that_its_rate_says()
    {
        _hub.Faults.Add(Fault.Slow(1_000_000));
        var clock = System.Diagnostics.Stopwatch.StartNew();

        (await _client.Bytes(_signed)).Should().Equal(Weights);

        clock.Elapsed.Should().BeGreaterThan(TimeSpan.FromSeconds(0.3), "0.4 MB at 1 MB/s, less the last piece");
    }

    [Fact]
    public async Task Rate_limits_and_other_statuses_carry_how_long_to_wait()
    {
        _hub.Faults.Add(Fault.RateLimited(55).At(Listener.Hub));
        _hub.Faults.Add(Fault.Status(503, retryAfter: 3).At(Listener.Hub).After(1));
        _hub.Faults.Add(Fault.Status(408).At(Listener.Hub).After(2));
        var config = new Uri(_hub.Endpoint, "org/model/resolve/main/config.json");

        using var limited = await _client.Get(config);
        using var unavailable = await _client.Head(config);
        using var timedOut = await _client.Get(config);
        using var good = await _client.Get(config);

        ((int)limited.StatusCode, limited.Headers.GetValues("RateLimit").Single()).Should().Be((429, "\"resolvers\";r=0;t=55"));
        limited.Headers.Contains("RateLimit-Policy").Should().BeTrue();
        ((int)unavailable.StatusCode, unavailable.Headers.RetryAfter!.Delta).Should().Be((503, TimeSpan.FromSeconds(3)));
        ((int)timedOut.StatusCode, timedOut.Headers.RetryAfter).Should().Be((408, null));
        ((int)good.StatusCode).Should().Be(200);
    }

    [Fact]
    public async Task Expired_addresses_are_refused_from_the_struck_request_on_and_fresh_ones_work()
    {
        _hub.Faults.Add(Fault.ExpireUrls().At(Listener.Cdn).After(1));

        (await _client.Bytes(_signed)).Should().Equal(Weights);
        foreach (var attempt in Enumerable.Range(0, 2))
        {
            using var refused = await _client.Get(_signed);
            ((int)refused.StatusCode).Should().Be(403, $"attempt {attempt}");
        }

        (await _client.Bytes(await _client.Resolve(_hub, "org/model/resolve/main/model.safetensors"))).Should().Equal(Weights);
    }

    [Fact]
    public async Task FlipByte_turns_one_bit_in_the_request_that_covers_it()
    {
        var flip = _hub.Faults.Add(Fault.FlipByte(300_001));

        using var elsewhere = await _client.Get(_signed, "bytes=0-300000");
        (await elsewhere.Content.ReadAsByteArrayAsync(Ct)).Should().Equal(Weights[..300_001]);
        flip.Hits.Should().Be(0);
        using var covering = await _client.Get(_signed, "bytes=300000-300009");
        var expected = Weights[300_000..300_010];
        expected[1] ^= 1;
        (await covering.Content.ReadAsByteArrayAsync(Ct)).Should().Equal(expected);
        flip.Hits.Should().Be(1);
    }

    [Fact]
    public async Task A_changed_ETag_fails_preconditions_or_ignores_them_as_told()
    {
        using var first = await _client.Get(_signed, "bytes=0-9");
        var etag = first.Headers.ETag!.Tag;
        _hub.Faults.Add(Fault.ChangeETag().Times(2));
        _hub.Faults.Add(Fault.ChangeContent(honourPreconditions: false).After(2));

        using var failed = await Conditional("If-Match");
        using var whole = await Conditional("If-Range");
        using var mixed = await Conditional("If-Match");

        ((int)failed.StatusCode).Should().Be(412);
        ((int)whole.StatusCode).Should().Be(200);
        ((int)mixed.StatusCode).Should().Be(206);
        mixed.Headers.ETag!.Tag.Should().NotBe(etag);
        (await mixed.Content.ReadAsByteArrayAsync(Ct)).Should().HaveCount(10).And.NotEqual(Weights[10..20]);

        Task<HttpResponseMessage> Conditional(string header) =>
            _client.Get(_signed, "bytes=10-19", headers => headers.TryAddWithoutValidation(header, etag));
    }

    [Fact]
    public async Task Ranges_can_be_misreported_and_ignored()
    {
        _hub.Faults.Add(Fault.WrongTotal(-1));
        _hub.Faults.Add(Fault.WrongStart(5).After(1));
        _hub.Faults.Add(Fault.IgnoreRange().After(2));

        (await Range()).Should().Be("bytes 10-19/399999");
        (await Range()).Should().Be("bytes 15-24/400000");
        (await Range()).Should().Be("200 400000");
        (await Range()).Should().Be("bytes 10-19/400000");

        async Task<string> Range()
        {
            using var response = await _client.Get(_signed, "bytes=10-19");
            var headers = response.Content.Headers;
            return headers.ContentRange?.ToString() ?? $"{(int)response.StatusCode} {headers.ContentLength}";
        }
    }

    [Fact]
    public async Task Gzip_compresses_what_nobody_asked_to_be_compressed()
    {
        _hub.Faults.Add(Fault.Gzip());

        using var response = await _client.Get(_signed, "bytes=0-9", headers => headers.AcceptEncoding.ParseAdd("identity"));

        response.Content.Headers.ContentEncoding.Should().Equal("gzip");
        await using var plain = new GZipStream(await response.Content.ReadAsStreamAsync(Ct), CompressionMode.Decompress);
        using var received = new MemoryStream();
        await plain.CopyToAsync(received, Ct);
        received.ToArray().Should().Equal(Weights);
    }

    [Fact]
    public async Task A_fault_strikes_only_what_it_is_narrowed_to()
    {
        var fault = _hub.Faults.Add(Fault.Status(500).On("config.*").At(Listener.Hub).Where(exchange => exchange.Method == "GET").Always());
        var config = new Uri(_hub.Endpoint, "org/model/resolve/main/config.json");

        (await _client.Bytes(_signed)).Should().Equal(Weights);
        using var head = await _client.Head(config);
        using var listing = await _client.Get(new Uri(_hub.Endpoint, "api/models/org/model/revision/main"));
        using var struck = await _client.Get(config);

        new[] { head, listing, struck }.Select(response => (int)response.StatusCode).Should().Equal(200, 200, 500);
        fault.Remove();
        (await _client.Bytes(config)).Should().Equal(FixtureClient.Text("{}"));
        fault.Hits.Should().Be(1);
    }

    private static async Task<(byte[] Received, Exception? Error)> Drain(HttpResponseMessage response)
    {
        using var received = new MemoryStream();
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(Ct);
            await body.CopyToAsync(received, Ct);
            return (received.ToArray(), null);
        }
        catch (IOException e)
        {
            return (received.ToArray(), e);
        }
    }
}
