using Stevedore.HubFixture;

namespace Stevedore.Fetcher.Tests.Fixture;

public sealed class HubPauseTests : IDisposable
{
    private static readonly byte[] Weights = FixtureClient.Pattern(100_000);
    private readonly FixtureClient _client = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task A_paused_hub_cuts_and_refuses_connections_and_comes_back_on_the_same_ports()
    {
        await using var hub = await Start();
        var signed = await _client.Resolve(hub, "org/model/resolve/main/model.safetensors");
        var stall = hub.Faults.Add(Fault.Stall(1000));
        using var stalled = await _client.Get(signed);
        await stall.Struck.WaitAsync(Ct);

        await hub.PauseAsync();

        await stalled.Content.Invoking(content => content.ReadAsByteArrayAsync(Ct)).Should().ThrowAsync<HttpRequestException>();
        foreach (var endpoint in new[] { hub.Endpoint, signed })
            await ShouldRefuse(endpoint);
        await hub.ResumeAsync(Ct);
        (await _client.Bytes(signed)).Should().Equal(Weights, "an address that was given out before is still good");
    }

    [Fact]
    public async Task One_host_can_be_down_while_the_other_serves()
    {
        await using var hub = await Start();
        var signed = await _client.Resolve(hub, "org/model/resolve/main/model.safetensors");

        await hub.PauseAsync(Listener.Hub);

        await ShouldRefuse(hub.Endpoint);
        (await _client.Bytes(signed)).Should().Equal(Weights);
    }

    private static async Task<HubServer> Start()
    {
        var hub = await HubServer.StartAsync(ct: Ct);
        hub.AddRepository("org/model").AddFile("model.safetensors", Weights, lfs: true).Publish();
        return hub;
    }

    private async Task ShouldRefuse(Uri endpoint)
    {
        var refused = await _client.Invoking(client => client.Get(endpoint)).Should().ThrowAsync<HttpRequestException>();
        refused.Which.HttpRequestError.Should().Be(HttpRequestError.ConnectionError);
    }
}
