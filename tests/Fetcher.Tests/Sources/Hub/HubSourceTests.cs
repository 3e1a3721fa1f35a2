using System.Security.Cryptography;
using Stevedore.Contract;
using Stevedore.Fetcher.Manifests;
using Stevedore.Fetcher.Sources;
using Stevedore.Fetcher.Transfer;
using Stevedore.HubFixture;

namespace Stevedore.Fetcher.Tests.Sources.Hub;

public sealed class HubSourceTests : IAsyncLifetime
{
    private const string Id = "acme/tiny";
    private static readonly byte[] Weights = RandomNumberGenerator.GetBytes(300_000);

    private HubServer _hub = null!;
    private Repository _repository = null!;
    private Commit _commit = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await HubServer.StartAsync(new HubOptions { TreePageSize = 2 }, TestContext.Current.CancellationToken);
        _repository = _hub.AddRepository(Id)
            .AddFile("config.json", """{"model_type":"llama"}""")
            .AddFile("tokenizer.json", "{}")
            .AddFile("deep/er/notes.txt", "a note")
            .AddFile("größe/模型 #1%.txt", "a name that must be encoded")
            .AddFile("model.safetensors", Weights, lfs: true);
        _commit = _repository.Publish();
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task Resolves_a_branch_to_its_commit()
    {
        using var sources = SourceSetup.At(_hub.Endpoint);
        var source = sources.For($"hf://{Id}");

        source.ImmutableVersion.Should().BeNull();
        (await source.ResolveAsync()).Should().Be(_commit.Sha);
    }

    [Fact]
    public async Task A_full_commit_is_a_version_that_never_changes()
    {
        using var sources = SourceSetup.At(_hub.Endpoint);
        var source = sources.For($"hf://{Id}@{_commit.Sha}");

        source.ImmutableVersion.Should().Be(_commit.Sha);
        (await source.ListAsync(_commit.Sha)).Version.Should().Be(_commit.Sha);
    }

    [Fact]
    public async Task Lists_all_pages_with_sizes_and_digests()
    {
        using var sources = SourceSetup.At(_hub.Endpoint);

        var manifest = await sources.For($"hf://{Id}").ListAsync();

        manifest.Version.Should().Be(_commit.Sha);
        manifest.Files.Should().BeEquivalentTo(_commit.Files.Select(file => new ManifestFile(
            file.Path, file.Size, new ContentDigest(file.IsLfs ? DigestAlgorithm.Sha256 : DigestAlgorithm.GitSha1, file.Etag))));
        _hub.Log.Count(exchange => exchange.Path.Contains("/tree/", StringComparison.Ordinal)).Should().Be(4, "the root and two folders come two entries a page");
    }

    [Fact]
    public async Task Content_of_every_file_arrives_whatever_its_name()
    {
        using var sources = SourceSetup.At(_hub.Endpoint);
        var source = sources.For($"hf://{Id}");
        var manifest = await source.ListAsync();

        foreach (var file in manifest.Files)
            (await source.OriginOf(manifest.Version, file).ReadAsync(0, file.Size, whole: true)).Should().HaveCount((int)file.Size);

        (await source.OriginOf(manifest.Version, manifest.Files.Single(file => file.Path == "model.safetensors")).ReadAsync(1000, 2000))
            .Should().Equal(Weights[1000..2000]);
    }

    [Fact]
    public async Task The_token_goes_to_the_Hub_and_never_to_the_host_that_it_redirects_to()
    {
        _repository.Private = true;
        _repository.Allow("hf_reader");
        using var sources = SourceSetup.At(_hub.Endpoint, token: "hf_reader");
        var source = sources.For($"hf://{Id}");
        var manifest = await source.ListAsync();

        await source.OriginOf(manifest.Version, manifest.Files.Single(file => file.Path == "model.safetensors")).ReadAsync(0, 10);

        _hub.TokensLeakedToCdn.Should().Be(0);
        _hub.Log.Where(exchange => exchange.Listener == Listener.Hub).Should().OnlyContain(exchange => exchange.HasAuthorization);
        _hub.Log.Should().Contain(exchange => exchange.Listener == Listener.Cdn);
    }

    [Fact]
    public async Task A_renamed_repository_is_found_under_its_old_name_and_keeps_the_token()
    {
        _repository.Private = true;
        _repository.Allow("hf_reader");
        _hub.Rename("acme/old", Id);
        using var sources = SourceSetup.At(_hub.Endpoint, token: "hf_reader");
        var source = sources.For("hf://acme/old");

        var manifest = await source.ListAsync();

        manifest.Version.Should().Be(_commit.Sha);
        (await source.OriginOf(manifest.Version, manifest.Files.Single(file => file.Path == "tokenizer.json")).ReadAsync(0, 2)).Should().Equal("{}"u8.ToArray());
    }

    [Fact]
    public async Task A_redirect_within_the_Hub_keeps_the_token_for_every_range()
    {
        await using var hub = await HubServer.StartAsync(new HubOptions { RedirectPlainFiles = true }, TestContext.Current.CancellationToken);
        var repository = hub.AddRepository(Id).AddFile("config.json", "0123456789").Allow("hf_reader");
        repository.Private = true;
        repository.Publish();
        using var sources = SourceSetup.At(hub.Endpoint, token: "hf_reader");
        var source = sources.For($"hf://{Id}");
        var manifest = await source.ListAsync();
        var origin = source.OriginOf(manifest.Version, manifest.Files.Single());

        (await origin.ReadAsync(0, 4)).Should().Equal("0123"u8.ToArray());
        (await origin.ReadAsync(4, 10)).Should().Equal("456789"u8.ToArray());

        hub.Log.Should().OnlyContain(exchange => exchange.HasAuthorization);
        hub.Log.Count(exchange => exchange.Path.Contains("/resolve/", StringComparison.Ordinal)).Should().Be(1);
    }

    [Fact]
    public async Task A_model_that_nobody_has_is_named_and_all_that_it_can_be_is_said()
    {
        using var sources = SourceSetup.At(_hub.Endpoint);

        var failure = (await sources.For("hf://acme/none").Awaiting(source => source.ResolveAsync()).Should().ThrowAsync<FetchException>()).Which;

        failure.Code.Should().BeOneOf(ExitCode.NotFound, ExitCode.NoPermission);
        failure.Message.Should().Contain("hf://acme/none").And.Contain("missing, private and gated").And.Contain("HF_TOKEN");
    }

    [Fact]
    public async Task A_revision_that_the_model_does_not_have_is_66()
    {
        using var sources = SourceSetup.At(_hub.Endpoint);

        var failure = (await sources.For($"hf://{Id}@v9").Awaiting(source => source.ResolveAsync()).Should().ThrowAsync<FetchException>()).Which;

        failure.Code.Should().Be(ExitCode.NotFound);
        failure.Message.Should().Contain("\"v9\"").And.Contain(Id);
    }

    [Fact]
    public async Task A_gated_model_without_access_is_77_when_its_content_is_asked_for()
    {
        _repository.Gated = true;
        using var sources = SourceSetup.At(_hub.Endpoint, token: "hf_stranger");
        var source = sources.For($"hf://{Id}");
        var manifest = await source.ListAsync();

        var origin = source.OriginOf(manifest.Version, manifest.Files.Single(file => file.Path == "config.json"));
        var failure = (await origin.Awaiting(it => it.ReadAsync(0, 5)).Should().ThrowAsync<TransferException>()).Which;

        failure.Fault.Should().Be(TransferFault.Final);
        failure.Final!.Code.Should().Be(ExitCode.NoPermission);
        failure.Message.Should().Contain("gated").And.NotContain("hf_stranger");
    }

    [Fact]
    public async Task A_rate_limited_Hub_is_unavailable_and_says_when_to_come_back()
    {
        _hub.Faults.Add(Fault.RateLimited(1234).Always());
        using var sources = SourceSetup.At(_hub.Endpoint);

        var failure = (await sources.For($"hf://{Id}").Awaiting(source => source.ResolveAsync(Patience.Long))
            .Should().ThrowAsync<SourceUnavailableException>()).Which;

        failure.Code.Should().Be(ExitCode.Unavailable);
        failure.Message.Should().Contain("429").And.Contain("1234 s");
    }

    [Fact]
    public async Task Trouble_that_passes_is_sat_out()
    {
        _hub.Faults.Add(Fault.Status(503, retryAfter: 0).Times(5));
        _hub.Faults.Add(Fault.Reset());
        using var sources = SourceSetup.At(_hub.Endpoint);

        (await sources.For($"hf://{Id}").ResolveAsync(Patience.Long)).Should().Be(_commit.Sha);
    }

    [Fact]
    public async Task A_short_patience_tries_once_more_and_no_longer()
    {
        _hub.Faults.Add(Fault.Status(503, retryAfter: 0).Always());
        using var sources = SourceSetup.At(_hub.Endpoint);

        await sources.For($"hf://{Id}").Awaiting(source => source.ResolveAsync(Patience.Short)).Should().ThrowAsync<SourceUnavailableException>();

        _hub.Log.Should().HaveCount(2);
    }

    [Fact]
    public async Task A_Hub_that_is_down_is_unavailable()
    {
        await _hub.PauseAsync();
        using var sources = SourceSetup.At(_hub.Endpoint);

        var failure = (await sources.For($"hf://{Id}").Awaiting(source => source.ResolveAsync(Patience.Short))
            .Should().ThrowAsync<SourceUnavailableException>()).Which;

        failure.Message.Should().Contain("refused the connection").And.Contain("2 tries");
    }
}
