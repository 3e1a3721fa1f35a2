using System.Text;
using Stevedore.HubFixture;
using Stevedore.Smoke.Tests.Support;

namespace Stevedore.Smoke.Tests;

/// <summary>A token, a signature and a password stay out of everything that a run prints or writes, also for whoever looks for a fault.</summary>
public sealed class SecrecyTests : IAsyncLifetime
{
    private const string Token = "hf_SmokeTestsSecretToken0123456789";
    private Quay _quay = null!;

    public async ValueTask InitializeAsync()
    {
        _quay = await Quay.OpenAsync();
        _quay.Environment["STEVEDORE_DEBUG"] = "1";
        _quay.Publish(3 << 20).Allow(Token).Gated = true;
    }

    public ValueTask DisposeAsync() => _quay.DisposeAsync();

    public static TheoryData<string, Fault?> Troubles => new()
    {
        { "none", null },
        { "wrong bytes", Fault.FlipByte(5).On("model.safetensors").Always() },
        { "forbidden", Fault.Status(403).At(Listener.Cdn).Always() },
        { "down", Fault.Status(503, retryAfter: 3600).At(Listener.Cdn).Always() },
        { "odd", Fault.Status(418).Always() },
        { "another file", Fault.ChangeContent().At(Listener.Cdn).Always() },
        { "compressed", Fault.Gzip().Always() },
        { "cut", Fault.Truncate(1 << 20).At(Listener.Cdn).Times(2) },
    };

    [Theory]
    [MemberData(nameof(Troubles), DisableDiscoveryEnumeration = true)]
    public async Task Neither_a_token_nor_a_signature_is_printed_or_written(string trouble, Fault? fault)
    {
        if (fault is not null)
            _quay.Hub.Faults.Add(fault);
        _quay.Environment["HF_TOKEN"] = Token;
        var run = await _quay.FetchAsync("--progress", "json");
        (run.Code == 0).Should().Be(trouble is "none" or "cut", "{0}: {1}", trouble, run.Errors);
        ShouldBeSilent(run);
        _quay.Hub.Log.Should().Contain(exchange => exchange.HasAuthorization);
        _quay.Hub.TokensLeakedToCdn.Should().Be(0);
    }

    [Fact]
    public async Task A_token_from_a_file_is_not_printed_or_written()
    {
        File.WriteAllText(_quay["token"], Token + "\n");
        _quay.Environment["HF_TOKEN_PATH"] = _quay["token"];
        var run = await _quay.FetchAsync();
        run.Code.Should().Be(0, run.Errors);
        ShouldBeSilent(run);
    }

    [Fact]
    public async Task A_password_in_a_reference_is_not_printed()
    {
        var run = await _quay.RunAsync("fetch", $"https://user:{Token}@{_quay.Hub.Endpoint.Authority}/dir/?{Token}", "--cache", _quay.Cache);
        run.Code.Should().Be(64);
        ShouldBeSilent(run);
    }

    [Fact]
    public async Task A_password_of_a_proxy_is_not_printed()
    {
        // The Hub plays the proxy, for an address that nobody else could reach.
        _quay.Environment["http_proxy"] = $"http://user:{Token}@{_quay.Hub.Endpoint.Authority}";
        _quay.Environment["HF_ENDPOINT"] = "http://hub.invalid";
        _quay.Environment["HF_TOKEN"] = Token;
        _quay.Hub.Faults.Add(Fault.Status(503, retryAfter: 3600).Always());
        var run = await _quay.FetchAsync();
        run.Code.Should().Be(69, run.Errors);
        _quay.Hub.Log.Should().NotBeEmpty();
        ShouldBeSilent(run);
    }

    [Theory]
    [InlineData(Token, 0)]
    [InlineData("another-token", 77)]
    public async Task A_token_for_a_web_server_brings_the_model_and_is_not_printed_or_written(string accepted, int code)
    {
        SampleModel.Write(_quay["served/llama"], 1 << 20, shards: 2);
        await using var server = await PlainFileServer.StartAsync(_quay["served"], new PlainFileOptions { BearerToken = accepted });
        _quay.Environment["STEVEDORE_HTTP_HOST"] = server.Endpoint.Authority;
        _quay.Environment["STEVEDORE_HTTP_TOKEN"] = Token;
        var run = await _quay.RunAsync("fetch", $"{server.Endpoint}llama/", "--cache", _quay.Cache);
        run.Code.Should().Be(code, run.Errors);
        server.Log.Should().NotBeEmpty().And.OnlyContain(exchange => exchange.HasAuthorization);
        ShouldBeSilent(run);
    }

    [Fact]
    public async Task A_password_from_a_netrc_file_brings_the_model_and_is_not_printed_or_written()
    {
        SampleModel.Write(_quay["served/llama"], 1 << 20, shards: 2);
        await using var server = await PlainFileServer.StartAsync(_quay["served"], new PlainFileOptions { BasicUser = "me", BasicPassword = Token });
        File.WriteAllText(_quay["netrc"], $"machine elsewhere.example login me password other\nmachine 127.0.0.1\n  login me\n  password {Token}\n");
        _quay.Environment["NETRC"] = _quay["netrc"];
        var run = await _quay.RunAsync("fetch", $"{server.Endpoint}llama/", "--cache", _quay.Cache);
        run.Code.Should().Be(0, run.Errors);
        ShouldBeSilent(run);
    }

    private void ShouldBeSilent(Outcome run)
    {
        foreach (var text in new[] { run.Output, run.Errors, File.ReadAllText(_quay.TerminationLog) })
            text.Should().NotContain(Token).And.NotContainAny("Signature=", "Policy=", "Key-Pair-Id=");
        if (!Directory.Exists(_quay.Cache))
            return;
        foreach (var path in Directory.EnumerateFiles(_quay.Cache, "*", SearchOption.AllDirectories))
            Encoding.Latin1.GetString(File.ReadAllBytes(path)).Contains(Token, StringComparison.Ordinal).Should().BeFalse("{0} is readable by everyone", path);
    }
}
