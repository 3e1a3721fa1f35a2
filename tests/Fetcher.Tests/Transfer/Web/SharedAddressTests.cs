using System.Security.Cryptography;
using Stevedore.Contract;
using Stevedore.Fetcher.Tests.Sources;
using Stevedore.Fetcher.Transfer;
using Stevedore.HubFixture;

namespace Stevedore.Fetcher.Tests.Transfer.Web;

/// <summary>A redirect is resolved for all streams of a file, by one of them.</summary>
public sealed class SharedAddressTests : IAsyncLifetime
{
    private const int Threads = 8;
    private const int Stretch = 64 * 1024;
    private static readonly byte[] Weights = RandomNumberGenerator.GetBytes(Threads * Stretch);

    private HubServer _hub = null!;
    private SourceSetup _sources = null!;
    private IContentOrigin _origin = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await HubServer.StartAsync(ct: TestContext.Current.CancellationToken);
        _hub.AddRepository("acme/big").AddFile("model.safetensors", Weights, lfs: true).Publish();
        _sources = SourceSetup.At(_hub.Endpoint);
        var source = _sources.For("hf://acme/big");
        var manifest = await source.ListAsync();
        _origin = source.OriginOf(manifest.Version, manifest.Files.Single());
        _hub.ResetLog();
    }

    public ValueTask DisposeAsync()
    {
        _sources.Dispose();
        return _hub.DisposeAsync();
    }

    [Fact]
    public async Task Many_streams_ask_the_Hub_once()
    {
        await ReadAllAsync();

        Resolves().Should().Be(1);
    }

    [Fact]
    public async Task An_address_that_expires_under_many_streams_is_renewed_once()
    {
        await ReadAllAsync();
        _hub.ExpireUrls();

        await ReadAllAsync();

        Resolves().Should().Be(2);
        _hub.Log.Count(exchange => exchange.Status == 403).Should().BeInRange(1, Threads);
    }

    [Fact]
    public async Task A_store_that_refuses_fresh_addresses_too_is_final()
    {
        _hub.Faults.Add(Fault.Status(403).At(Listener.Cdn).Always());

        var failure = (await _origin.Awaiting(origin => origin.ReadAsync(0, Stretch)).Should().ThrowAsync<TransferException>()).Which;

        failure.Fault.Should().Be(TransferFault.Final);
        failure.Final!.Code.Should().Be(ExitCode.NoPermission);
        failure.Message.Should().Contain(_hub.CdnEndpoint.Authority).And.NotContain("?").And.NotContain("Signature");
        Resolves().Should().Be(1);
    }

    [Fact]
    public async Task A_renewed_address_that_is_refused_as_well_is_final()
    {
        await _origin.ReadAsync(0, Stretch);
        _hub.Faults.Add(Fault.Status(403).At(Listener.Cdn).Always());

        (await _origin.Awaiting(origin => origin.ReadAsync(0, Stretch)).Should().ThrowAsync<TransferException>())
            .Which.Fault.Should().Be(TransferFault.Final);

        Resolves().Should().Be(2);
    }

    [Fact]
    public async Task Trouble_at_the_store_does_not_cost_another_resolve()
    {
        await _origin.ReadAsync(0, Stretch);
        _hub.Faults.Add(Fault.Status(503, retryAfter: 3).At(Listener.Cdn));

        var failure = (await _origin.Awaiting(origin => origin.ReadAsync(0, Stretch)).Should().ThrowAsync<TransferException>()).Which;
        await _origin.ReadAsync(0, Stretch);

        failure.RetryAfter.Should().Be(TimeSpan.FromSeconds(3));
        Resolves().Should().Be(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Content_that_changes_between_two_ranges_is_noticed(bool honoursPreconditions)
    {
        await _origin.ReadAsync(0, Stretch);
        _hub.Faults.Add(Fault.ChangeContent(honoursPreconditions).At(Listener.Cdn));

        (await _origin.Awaiting(origin => origin.ReadAsync(Stretch, 2 * Stretch)).Should().ThrowAsync<TransferException>())
            .Which.Fault.Should().Be(TransferFault.Changed);
    }

    [Fact]
    public async Task Content_that_is_compressed_against_our_wish_is_refused()
    {
        _hub.Faults.Add(Fault.Gzip().At(Listener.Cdn).Always());

        var failure = (await _origin.Awaiting(origin => origin.ReadAsync(0, Stretch)).Should().ThrowAsync<TransferException>()).Which;

        failure.Final!.Code.Should().Be(ExitCode.WrongContent);
        failure.Message.Should().Contain("gzip");
    }

    private int Resolves() => _hub.Log.Count(exchange => exchange.Listener == Listener.Hub);

    private async Task ReadAllAsync()
    {
        var parts = await Task.WhenAll(Enumerable.Range(0, Threads).Select(i => _origin.ReadAsync(i * Stretch, (i + 1) * Stretch)));
        parts.SelectMany(part => part).Should().Equal(Weights);
    }
}
