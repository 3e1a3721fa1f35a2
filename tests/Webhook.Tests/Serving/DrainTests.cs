using System.Net;
using Microsoft.Extensions.Time.Testing;
using Stevedore.Webhook.Tests.Admission;

namespace Stevedore.Webhook.Tests.Serving;

public sealed class DrainTests
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Told_to_stop_it_is_unready_answers_on_and_has_http_1_clients_leave()
    {
        await using var server = await StartAsync();
        using var client = server.Client();
        await client.AnswerAsync(Reviews.Recorded);

        var stopping = server.StopAsync();
        await server.Logs.UntilAsync("Told to stop", Cancellation);
        using (var ready = await client.GetAsync(new Uri("/readyz", UriKind.Relative), Cancellation))
        {
            ready.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
            ready.Headers.ConnectionClose.Should().BeTrue();
        }

        (await client.AnswerAsync(Reviews.Recorded))["allowed"]!.GetValue<bool>().Should().BeTrue();
        stopping.IsCompleted.Should().BeFalse();
        await FinishAsync(stopping);
    }

    [Fact]
    public async Task Told_to_stop_it_has_http_2_clients_leave_with_their_answer()
    {
        var connections = 0;
        await using var server = await StartAsync();
        using var client = server.Client(HttpVersion.Version20, () => Interlocked.Increment(ref connections));
        await client.AnswerAsync(Reviews.Recorded);
        await client.AnswerAsync(Reviews.Recorded);
        connections.Should().Be(1);

        var stopping = server.StopAsync();
        await server.Logs.UntilAsync("Told to stop", Cancellation);
        (await client.AnswerAsync(Reviews.Recorded))["allowed"]!.GetValue<bool>().Should().BeTrue();
        (await client.AnswerAsync(Reviews.Recorded))["allowed"]!.GetValue<bool>().Should().BeTrue();

        connections.Should().BeGreaterThan(1);
        server.Logs.All.Should().NotContain(line => line.Contains("invalid for HTTP/2", StringComparison.Ordinal));
        await FinishAsync(stopping);
    }

    [Fact]
    public async Task What_is_in_flight_is_finished()
    {
        using var gate = new ManualResetEventSlim();
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await RunningServer.StartAsync(
            _ =>
            {
                arrived.TrySetResult();
                gate.Wait(TimeSpan.FromSeconds(60));
                return RunningServer.Skip;
            },
            _clock,
            TimeSpan.FromSeconds(5));
        using var client = server.Client();
        var review = client.AnswerAsync(Reviews.Recorded);
        await arrived.Task;

        var stopping = server.StopAsync();
        await server.Logs.UntilAsync("Told to stop", Cancellation);
        _clock.Advance(TimeSpan.FromSeconds(5));
        stopping.IsCompleted.Should().BeFalse();
        gate.Set();

        (await review)["allowed"]!.GetValue<bool>().Should().BeTrue();
        await FinishAsync(stopping);
    }

    private Task<RunningServer> StartAsync() => RunningServer.StartAsync(_ => RunningServer.Skip, _clock, TimeSpan.FromSeconds(5));

    /// <summary>Lets the pause pass; its timer may not have been set when the log line about it was written.</summary>
    private async Task FinishAsync(Task stopping)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        while (!stopping.IsCompleted)
        {
            deadline.Token.ThrowIfCancellationRequested();
            _clock.Advance(TimeSpan.FromSeconds(5));
            await Task.Delay(10, CancellationToken.None);
        }

        await stopping;
    }
}
