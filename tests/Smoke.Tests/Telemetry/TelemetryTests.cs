using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Stevedore.HubFixture;
using Stevedore.Smoke.Tests.Support;

namespace Stevedore.Smoke.Tests.Telemetry;

/// <summary>What the published program tells a collector, and that no collector can hold it up.</summary>
[Collection(nameof(Alone))]
public sealed class TelemetryTests : IAsyncLifetime
{
    private const string Token = "hf_SmokeTestsSecretToken0123456789";
    private const int Size = 5 << 20;

    // Far more than a flush may take, since this machine may be slow; far less than a collector that never answers would.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(9);
    private Quay _quay = null!;

    public async ValueTask InitializeAsync()
    {
        _quay = await Quay.OpenAsync();
        _quay.Publish(Size);
    }

    public ValueTask DisposeAsync() => _quay.DisposeAsync();

    [Theory]
    [InlineData("http/protobuf", HttpProtocols.Http1)]
    [InlineData("grpc", HttpProtocols.Http2)]
    public async Task A_fetch_sends_its_metrics_and_one_trace(string protocol, HttpProtocols http)
    {
        await using var collector = await Collector.StartAsync(http);
        _quay.Environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol;
        _quay.Environment["OTEL_EXPORTER_OTLP_HEADERS"] = "x-tenant=ships";
        _quay.Environment["TRACEPARENT"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        _quay.Hub.Faults.Add(Fault.Status(429, retryAfter: 0).At(Listener.Cdn).Times(2));
        // Those that are refused count as cut too, so that one is left.
        _quay.Hub.Faults.Add(Fault.Truncate(1 << 20).At(Listener.Cdn).Times(3));

        (await FetchAsync(collector.Endpoint)).Code.Should().Be(0);

        var metrics = collector.Metrics;
        metrics["stevedore.fetch.wanted"].Should().Be(metrics["stevedore.fetch.present"]).And.BeGreaterThan(Size);
        metrics["stevedore.fetch.received"].Should().BeGreaterThanOrEqualTo(Size);
        metrics["stevedore.fetch.verified"].Should().BeGreaterThanOrEqualTo(Size);
        metrics["stevedore.fetch.verification.time"].Should().BeGreaterThan(0);
        metrics["stevedore.fetch.goodput"].Should().BeGreaterThan(0);
        metrics["stevedore.fetch.files"].Should().Be(3);
        metrics["stevedore.fetch.retries{cause=throttled}"].Should().BeGreaterThan(0);
        metrics["stevedore.fetch.retries{cause=broken}"].Should().BeGreaterThan(0);
        metrics["stevedore.fetch.stalls"].Should().Be(0);
        metrics["stevedore.fetch.duration{outcome=Done,source=hf}"].Should().Be(1);
        collector.Resource.Should().Contain("service.name", "stevedore-fetcher").And.ContainKeys("service.version", "service.instance.id");
        collector.Calls.Should().OnlyContain(call => call.Headers.GetValueOrDefault("x-tenant") == "ships");

        var run = collector.Spans.Single(span => span.Text(5) == "fetch");
        (run.Hex(1), run.Hex(4)).Should().Be(("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"));
        Collector.Attributes(run, 9).Should().Contain("stevedore.outcome", "Done").And.Contain("process.exit.code", "0").And.Contain("stevedore.files", "3");
        collector.Spans.Where(span => span.Hex(4) == run.Hex(2)).Select(span => span.Text(5)).Should().BeEquivalentTo("choose", "transfer", "publish");
    }

    [Fact]
    public async Task A_fetch_that_fails_says_why_and_tells_no_secret()
    {
        await using var collector = await Collector.StartAsync();
        _quay.Environment["HF_TOKEN"] = Token;
        _quay.Hub.Faults.Add(Fault.Status(403).At(Listener.Cdn).Always());

        var run = await FetchAsync(collector.Endpoint);

        run.Code.Should().Be(77);
        collector.Metrics.Should().ContainKey("stevedore.fetch.duration{outcome=NoPermission,source=hf}");
        var span = collector.Spans.Single(it => it.Text(5) == "fetch");
        span.All(15).Single().Number(3).Should().Be(2, "that is how a status of error is written");
        run.Sentence.Should().Contain(span.All(15).Single().Text(2));
        foreach (var call in collector.Calls)
            Encoding.Latin1.GetString(call.Body).Should().NotContain(Token).And.NotContainAny("Signature=", "Policy=", "Key-Pair-Id=");
        var metrics = collector.Calls.Where(call => call.Path == "/v1/metrics").Select(call => Encoding.Latin1.GetString(call.Body));
        metrics.Should().NotBeEmpty().And.OnlyContain(body => !body.Contains("org/model") && !body.Contains("safetensors") && !body.Contains("127.0.0.1"));
    }

    [Fact]
    public async Task A_fetch_that_is_stopped_sends_what_it_has()
    {
        await using var collector = await Collector.StartAsync();
        Export(collector.Endpoint);
        _quay.Hub.Faults.Add(Fault.Stall(1 << 20).At(Listener.Cdn).Always());
        using var run = _quay.StartFetch();
        await _quay.ServedAsync(1 << 20);
        run.SendTerminate();

        (await run.EndAsync()).Code.Should().Be(143);

        collector.Metrics["stevedore.fetch.received"].Should().BeGreaterThan(0);
        Collector.Attributes(collector.Spans.Single(span => span.Text(5) == "fetch"), 9).Should().Contain("stevedore.outcome", "Terminated");
    }

    [Fact]
    public async Task A_collector_that_is_down_holds_nothing_up()
    {
        var watch = Stopwatch.StartNew();
        var run = await FetchAsync("http://127.0.0.1:9");

        run.Code.Should().Be(0, run.Errors);
        watch.Elapsed.Should().BeLessThan(Bound);
    }

    [Fact]
    public async Task A_collector_that_never_answers_holds_a_run_up_for_a_bounded_time()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var watch = Stopwatch.StartNew();
        var run = await FetchAsync($"http://{silent.LocalEndpoint}");

        run.Code.Should().Be(0, run.Errors);
        watch.Elapsed.Should().BeLessThan(Bound);
        silent.Pending().Should().BeTrue("it was asked");
    }

    [Theory]
    [InlineData("OTEL_SDK_DISABLED", "true")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "")]
    public async Task Nothing_is_sent_unless_it_is_asked_for(string name, string value)
    {
        await using var collector = await Collector.StartAsync();
        Export(collector.Endpoint);
        _quay.Environment[name] = value;

        (await _quay.FetchAsync()).Code.Should().Be(0);

        collector.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task Each_signal_can_be_left_out()
    {
        await using var collector = await Collector.StartAsync();
        _quay.Environment["OTEL_TRACES_EXPORTER"] = "none";

        (await FetchAsync(collector.Endpoint)).Code.Should().Be(0);

        collector.Calls.Select(call => call.Path).Should().NotBeEmpty().And.OnlyContain(path => path == "/v1/metrics");
    }

    [Fact]
    public async Task An_address_that_is_none_costs_the_telemetry_and_not_the_model()
    {
        var run = await FetchAsync("not an address");

        run.Code.Should().Be(0, run.Errors);
    }

    private Task<Outcome> FetchAsync(string endpoint)
    {
        Export(endpoint);
        return _quay.FetchAsync();
    }

    private void Export(string endpoint)
    {
        _quay.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;
        _quay.Environment.TryAdd("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
    }
}
