using Stevedore.HubFixture;

namespace Stevedore.Fetcher.Tests.Fixture;

public sealed class HubAccessTests : IDisposable
{
    private const string Friend = "hf_friend";
    private readonly FixtureClient _client = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData("api/models/org/missing/revision/main", null, 401, "RepoNotFound")]
    [InlineData("api/models/org/missing/revision/main", "hf_stranger", 404, "RepoNotFound")]
    [InlineData("api/models/org/private/revision/main", null, 401, "RepoNotFound")]
    [InlineData("api/models/org/private/revision/main", "hf_stranger", 404, "RepoNotFound")]
    [InlineData("api/models/org/private/revision/main", Friend, 200, null)]
    [InlineData("api/models/org/gated/revision/main", null, 200, null)]
    [InlineData("org/gated/resolve/main/config.json", null, 401, "GatedRepo")]
    [InlineData("org/gated/resolve/main/config.json", "hf_stranger", 403, "GatedRepo")]
    [InlineData("org/gated/resolve/main/config.json", Friend, 200, null)]
    [InlineData("org/open/resolve/main/config.json", "no token of ours", 401, null)]
    [InlineData("org/open/resolve/nowhere/config.json", null, 404, "RevisionNotFound")]
    [InlineData("api/models/org/open/tree/nowhere", null, 404, "RevisionNotFound")]
    [InlineData("org/open/resolve/main/nothing.json", null, 404, "EntryNotFound")]
    [InlineData("nothing/of/that/shape", null, 404, null)]
    public async Task What_may_not_be_read_is_refused_as_the_Hub_does(string path, string? token, int status, string? code)
    {
        await using var hub = await HubServer.StartAsync(ct: Ct);
        hub.AddRepository("org/open").AddFile("config.json", "{}").Publish();
        var gated = hub.AddRepository("org/gated").AddFile("config.json", "{}").Allow(Friend);
        var hidden = hub.AddRepository("org/private").AddFile("config.json", "{}").Allow(Friend);
        (gated.Gated, hidden.Private) = (true, true);
        gated.Publish();
        hidden.Publish();

        using var response = await _client.GetWithToken(new Uri(hub.Endpoint, path), token);

        ((int)response.StatusCode).Should().Be(status);
        (response.Headers.TryGetValues("X-Error-Code", out var codes) ? codes.Single() : null).Should().Be(code);
        hub.Log.Should().ContainSingle().Which.HasAuthorization.Should().Be(token is not null);
    }

    [Fact]
    public async Task A_token_that_reaches_the_CDN_is_refused_and_counted()
    {
        await using var hub = await HubServer.StartAsync(ct: Ct);
        hub.AddRepository("org/model").AddFile("w.bin", [1, 2, 3], lfs: true).Publish();
        var signed = await _client.Resolve(hub, "org/model/resolve/main/w.bin");

        using var response = await _client.GetWithToken(signed, Friend);

        ((int)response.StatusCode).Should().Be(400);
        hub.TokensLeakedToCdn.Should().Be(1);
        hub.BytesServed.Should().Be(0);
    }

    [Fact]
    public async Task An_address_that_was_tampered_with_is_refused()
    {
        await using var hub = await HubServer.StartAsync(ct: Ct);
        hub.AddRepository("org/model").AddFile("w.bin", [1, 2, 3], lfs: true).Publish();
        var signed = (await _client.Resolve(hub, "org/model/resolve/main/w.bin")).AbsoluteUri;

        string[] all = [signed.Replace("Policy=b", "Policy=c"), signed.Replace("Signature=", "Signature=0"), signed[..signed.IndexOf('?')]];
        foreach (var forged in all)
        {
            using var response = await _client.Get(new Uri(forged));
            ((int)response.StatusCode).Should().Be(403);
        }
    }

    [Fact]
    public async Task An_address_ends_with_its_lifetime_and_with_ExpireUrls()
    {
        await using var shortLived = await HubServer.StartAsync(new HubOptions { SignedUrlLifetime = TimeSpan.Zero }, Ct);
        await using var hub = await HubServer.StartAsync(ct: Ct);
        foreach (var each in new[] { shortLived, hub })
            each.AddRepository("org/model").AddFile("w.bin", [1, 2, 3], lfs: true).Publish();

        using var tooLate = await _client.Get(await _client.Resolve(shortLived, "org/model/resolve/main/w.bin"));
        ((int)tooLate.StatusCode).Should().Be(403);

        var before = await _client.Resolve(hub, "org/model/resolve/main/w.bin");
        (await _client.Bytes(before)).Should().Equal(1, 2, 3);
        hub.ExpireUrls();
        using var refused = await _client.Get(before);
        ((int)refused.StatusCode).Should().Be(403);
        (await _client.Bytes(await _client.Resolve(hub, "org/model/resolve/main/w.bin"))).Should().Equal(1, 2, 3);
    }
}
