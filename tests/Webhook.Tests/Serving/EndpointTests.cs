using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Stevedore.Webhook.Injection;
using Stevedore.Webhook.Tests.Admission;

namespace Stevedore.Webhook.Tests.Serving;

public sealed class EndpointTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Once_started_it_is_alive_and_ready_and_says_where()
    {
        await using var server = await RunningServer.StartAsync();
        using var client = server.Client();

        (await client.GetStringAsync(new Uri("/healthz", UriKind.Relative), Cancellation)).Should().Be("ok\n");
        (await client.GetStringAsync(new Uri("/readyz", UriKind.Relative), Cancellation)).Should().Be("ok\n");
        server.Logs.All.Should().ContainSingle(line => line.Contains("Ready at", StringComparison.Ordinal)).Which.Should().Contain($":{server.Address.Port}");
    }

    [Fact]
    public async Task Before_it_is_ready_it_has_put_reviews_through_both_doors_itself()
    {
        var doors = new ConcurrentQueue<Door>();
        await using var server = await RunningServer.StartAsync(
            request =>
            {
                doors.Enqueue(request.Door);
                return RunningServer.Skip;
            },
            selfReviewsToo: true);

        doors.Should().Contain([Door.Explicit, Door.Detected]);
    }

    [Fact]
    public async Task A_server_that_fails_its_own_review_does_not_start()
    {
        var start = () => RunningServer.StartAsync(_ => throw new InvalidOperationException("broken"), selfReviewsToo: true);

        (await start.Should().ThrowAsync<InvalidOperationException>()).WithMessage("The webhook's own review at /mutate/explicit got 200 and no decision*");
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/mutate")]
    [InlineData("/mutate/explicit/")]
    [InlineData("/metrics")]
    public async Task Nothing_else_is_served_over_tls(string path)
    {
        await using var server = await RunningServer.StartAsync();
        using var client = server.Client();

        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), Cancellation);

        answer.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_number_of_policies_is_a_metric()
    {
        await using var server = await RunningServer.StartAsync();
        using var plain = new HttpClient { BaseAddress = server.Metrics };

        var metrics = await plain.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancellation);

        metrics.Should().MatchRegex(@"(?m)^stevedore_policies(\{[^}]*\})? 0( |$)");
    }

    [Fact]
    public async Task In_the_clear_there_are_metrics_and_nothing_else()
    {
        await using var server = await RunningServer.StartAsync();
        using var plain = new HttpClient { BaseAddress = server.Metrics };

        foreach (var path in new[] { "/healthz", "/readyz", "/", "/mutate/explicit" })
        {
            using var answer = await plain.PostAsync(new Uri(path, UriKind.Relative), Reviews.Body(Reviews.Recorded), Cancellation);
            answer.StatusCode.Should().Be(HttpStatusCode.NotFound);
        }
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Tls_1_2_and_1_3_are_spoken(SslProtocols protocol)
    {
        await using var server = await RunningServer.StartAsync();

        (await ShakeAsync(server, protocol)).Should().Be(protocol);
    }

    [Fact]
    public async Task Older_tls_is_not_spoken()
    {
        await using var server = await RunningServer.StartAsync();

        // The name SslProtocols.Tls11 is obsolete; its number is what a client from 2006 offers.
        var shake = () => ShakeAsync(server, (SslProtocols)768);

        await shake.Should().ThrowAsync<AuthenticationException>();
    }

    [Fact]
    public async Task A_namespace_is_taken_from_the_request_where_a_controller_left_it_out_of_the_pod()
    {
        var seen = new TaskCompletionSource<PodRequest>();
        await using var server = await RunningServer.StartAsync(request =>
        {
            seen.TrySetResult(request);
            return RunningServer.Skip;
        });
        using var client = server.Client();
        var review = Reviews.Recorded;
        review["request"]!["object"]!["metadata"]!.AsObject().Remove("namespace");

        await client.AnswerAsync(review);

        (await seen.Task).Namespace.Should().Be("inference");
    }

    private static async Task<SslProtocols> ShakeAsync(RunningServer server, SslProtocols protocol)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, server.Address.Port, Cancellation);
        await using var tls = new SslStream(socket.GetStream());
        var options = server.Certificates.Trusting();
        options.EnabledSslProtocols = protocol;
        await tls.AuthenticateAsClientAsync(options, Cancellation);
        return tls.SslProtocol;
    }
}
