using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Stevedore.Smoke.Tests.Telemetry;

/// <summary>A collector of OpenTelemetry's on loopback: takes http/protobuf and grpc, and keeps what came.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private const string MetricsCall = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
    private const string TracesCall = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

    private readonly WebApplication _server;

    private Collector(WebApplication server) => _server = server;

    /// <summary>What was sent, with the headers of each call.</summary>
    public ConcurrentQueue<(string Path, Dictionary<string, string> Headers, byte[] Body)> Calls { get; } = new();

    public string Endpoint => _server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    /// <summary>The metrics of the last call that brought any: by name, and by <c>name{key=value}</c> where there are labels.</summary>
    public Dictionary<string, double> Metrics => Calls.Last(call => call.Path is "/v1/metrics" or MetricsCall) is var call ? ReadMetrics(call.Body) : [];

    public IReadOnlyList<ProtoMessage> Spans =>
        [.. Calls.Where(call => call.Path is "/v1/traces" or TracesCall).SelectMany(call => new ProtoMessage(call.Body).All(1, 2, 2))];

    /// <summary>The attributes of who sent.</summary>
    public Dictionary<string, string> Resource => Calls.First() is var call ? Attributes(new ProtoMessage(call.Body).All(1, 1).First(), 1) : [];

    public static async Task<Collector> StartAsync(HttpProtocols protocol = HttpProtocols.Http1)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocol));
        var server = builder.Build();
        var collector = new Collector(server);
        server.Run(collector.TakeAsync);
        await server.StartAsync();
        return collector;
    }

    public static Dictionary<string, string> Attributes(ProtoMessage owner, int field) =>
        owner.All(field).ToDictionary(attribute => attribute.Text(1), attribute => attribute.All(2).Single() is var value && value.Has(1) ? value.Text(1) : value.Has(3) ? $"{value.Number(3)}" : "");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var isGrpc = context.Request.ContentType == "application/grpc";
        // The server uses its own headers again for the next call. A message of gRPC has five bytes before it: whether it is compressed, and its length.
        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        Calls.Enqueue((context.Request.Path, headers, body.ToArray()[(isGrpc ? 5 : 0)..]));
        context.Response.ContentType = isGrpc ? "application/grpc" : "application/x-protobuf";
        if (!isGrpc)
            return;
        await context.Response.Body.WriteAsync(new byte[5]);
        context.Response.AppendTrailer("grpc-status", "0");
    }

    private static Dictionary<string, double> ReadMetrics(byte[] body)
    {
        var read = new Dictionary<string, double>();
        foreach (var metric in new ProtoMessage(body).All(1, 2, 2))
        {
            var name = metric.Text(1);
            // A gauge, or a sum: data points with a number.
            foreach (var point in metric.All(5, 1).Concat(metric.All(7, 1)))
                read[name + Labels(point, 7)] = point.Has(4) ? point.Double(4) : point.Fixed64(6);
            foreach (var point in metric.All(9, 1))
                read[name + Labels(point, 9)] = point.Fixed64(4);
        }

        return read;
    }

    private static string Labels(ProtoMessage point, int field)
    {
        var labels = string.Join(',', Attributes(point, field).OrderBy(label => label.Key).Select(label => $"{label.Key}={label.Value}"));
        return labels.Length == 0 ? "" : $"{{{labels}}}";
    }
}
