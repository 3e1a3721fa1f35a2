using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Stevedore.Webhook.Cluster;

namespace Stevedore.Webhook.Tests.Cluster;

public sealed class ClusterVersionTests
{
    [Fact]
    public async Task Is_asked_for_until_the_server_answers()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.Refuse = _ => System.Net.HttpStatusCode.ServiceUnavailable;
        using var client = server.Client();
        var clock = new FakeTimeProvider();
        using var version = new ClusterVersion(client, clock, NullLogger<ClusterVersion>.Instance);
        await version.StartAsync(TestContext.Current.CancellationToken);
        await Until(() => !server.Requests.IsEmpty);
        version.Current.Should().BeNull();

        server.Refuse = _ => null;

        await Until(() =>
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            return version.Current is not null;
        });
        version.Current.Should().Be(new Version(1, 33));
        await version.StopAsync(TestContext.Current.CancellationToken);
    }

    private static async Task Until(Func<bool> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        while (!condition())
            await Task.Delay(20, patience.Token);
    }

    [Theory]
    [InlineData("1", "36", "1.36")]
    [InlineData("1", "33+", "1.33")]
    [InlineData("one", "33", null)]
    [InlineData("1", "", null)]
    public void Is_read_as_providers_write_it(string major, string minor, string? version) =>
        ClusterVersion.Read(new VersionInfo { Major = major, Minor = minor })?.ToString().Should().Be(version);
}
