using System.Text.Json.Nodes;
using Stevedore.LoadClient;
using Stevedore.Webhook.Injection;

namespace Stevedore.Webhook.Tests.Serving;

public sealed class LoadClientTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public async Task Answers_that_all_come_give_0_and_their_count()
    {
        var asked = 0;
        await using var server = await RunningServer.StartAsync(_ =>
        {
            Interlocked.Increment(ref asked);
            return RunningServer.Skip;
        });

        (await RunAsync(server)).Should().Be(0, _error.ToString());

        asked.Should().Be(100);
        var report = Report();
        report["reviews"]!.GetValue<int>().Should().Be(100);
        report["failures"]!.GetValue<int>().Should().Be(0);
        report["milliseconds"]!["p99"]!.GetValue<double>().Should().BePositive();
    }

    [Fact]
    public async Task One_denied_review_gives_1()
    {
        var asked = 0;
        await using var server = await RunningServer.StartAsync(_ => Interlocked.Increment(ref asked) == 50
            ? RunningServer.Skip with { Outcome = PodOutcome.Denied }
            : RunningServer.Skip);

        (await RunAsync(server)).Should().Be(1);

        Report()["failures"]!.GetValue<int>().Should().Be(1);
        _output.ToString().Should().Contain("Denied: 1");
    }

    [Fact]
    public async Task A_stall_is_counted_for_all_who_were_due_in_it()
    {
        var asked = 0;
        using var gate = new ManualResetEventSlim();
        await using var server = await RunningServer.StartAsync(_ =>
        {
            if (Interlocked.Increment(ref asked) == 1)
                gate.Wait(TimeSpan.FromMilliseconds(600));
            return RunningServer.Skip;
        });

        (await RunAsync(server, "--connections", "1")).Should().Be(0);

        // One connection, blocked from the first review on: those due meanwhile were late because of it, though each was answered at once.
        Report()["milliseconds"]!["p50"]!.GetValue<double>().Should().BeGreaterThan(20);
    }

    [Theory]
    [InlineData("https://example.com/mutate/explicit")]
    [InlineData("https://10.0.0.1:8443/mutate/explicit")]
    [InlineData("http://127.0.0.1:8443/mutate/explicit")]
    [InlineData("nowhere")]
    public async Task Only_this_machine_is_a_target(string url)
    {
        (await LoadCommandLine.RunAsync(["--url", url, "--ca", "x", "--review", "y"], _output, _error, TestContext.Current.CancellationToken)).Should().Be(64);

        _error.ToString().Should().Contain("on this machine");
    }

    private JsonNode Report() => JsonNode.Parse(_output.ToString().TrimEnd('\n').Split('\n')[^1])!;

    private Task<int> RunAsync(RunningServer server, params string[] more)
    {
        var authority = Path.Combine(server.Certificates.Path, "ca.crt");
        File.WriteAllText(authority, server.Certificates.Authority.CertificatePem);
        var review = Path.Combine(AppContext.BaseDirectory, "Golden", "vllm-minimal", "in.json");
        return LoadCommandLine.RunAsync(
            ["--url", $"https://localhost:{server.Address.Port}/mutate/explicit?timeout=10s", "--ca", authority, "--review", review, "--rate", "100", "--seconds", "1", .. more],
            _output,
            _error,
            TestContext.Current.CancellationToken);
    }
}
