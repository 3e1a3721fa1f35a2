using Stevedore.Contract;
using Stevedore.Fetcher.Sources.Hub;

namespace Stevedore.Fetcher.Tests.Sources.Hub;

public sealed class HubEndpointTests
{
    [Fact]
    public void The_public_Hub_is_asked_without_a_token_by_default()
    {
        var endpoint = From();

        endpoint.Ask("api/models/a").Address.Should().Be(new Uri("https://huggingface.co/api/models/a"));
        endpoint.Token.Should().BeNull();
    }

    [Theory]
    [InlineData("https://hub.example", "https://hub.example/api/x")]
    [InlineData(" https://hub.example/ ", "https://hub.example/api/x")]
    [InlineData("http://127.0.0.1:8080/hf/", "http://127.0.0.1:8080/hf/api/x")]
    public void A_mirror_may_live_below_a_path(string written, string asked) => From(("HF_ENDPOINT", written)).Ask("api/x").Address.AbsoluteUri.Should().Be(asked);

    [Theory]
    [InlineData("hub.example")]
    [InlineData("ftp://hub.example")]
    [InlineData("https://me:geheim@hub.example")]
    [InlineData("https://hub.example?token=geheim")]
    public void What_can_not_be_an_endpoint_is_refused_without_repeating_it(string written)
    {
        var failure = new Action(() => From(("HF_ENDPOINT", written))).Should().Throw<FetchException>().Which;

        failure.Code.Should().Be(ExitCode.Usage);
        failure.Message.Should().Contain("HF_ENDPOINT").And.NotContain("geheim");
    }

    [Fact]
    public void Tokens_are_looked_for_where_the_Hubs_own_library_does()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "  hf_file\n");

        From(("HF_TOKEN", " hf_one\n"), ("HUGGING_FACE_HUB_TOKEN", "hf_two"), ("HF_TOKEN_PATH", file)).Token.Should().Be("hf_one");
        From(("HF_TOKEN", ""), ("HUGGING_FACE_HUB_TOKEN", "hf_two"), ("HF_TOKEN_PATH", file)).Token.Should().Be("hf_two");
        From(("HF_TOKEN_PATH", file)).Token.Should().Be("hf_file");
        From(("HF_TOKEN_PATH", file + ".missing")).Token.Should().BeNull("an optional Secret mounts nothing");
        File.Delete(file);
    }

    [Theory]
    [InlineData("hf_a\r\nX-Evil: geheim")]
    [InlineData("hf_geheim with spaces")]
    [InlineData("hf_geheimß")]
    public void A_token_that_would_break_the_header_is_refused_without_repeating_it(string token)
    {
        var failure = new Action(() => From(("HF_TOKEN", token))).Should().Throw<FetchException>().Which;

        failure.Code.Should().Be(ExitCode.Usage);
        failure.Message.Should().Contain("HF_TOKEN").And.NotContain("geheim");
    }

    [Fact]
    public void The_token_goes_along_only_to_the_endpoints_own_scheme_host_and_port()
    {
        var endpoint = From(("HF_ENDPOINT", "https://hub.example"), ("HF_TOKEN", "hf_x"));

        endpoint.Ask(new Uri("https://HUB.example/api?cursor=1")).Authorization.Should().Be("Bearer hf_x");
        foreach (var elsewhere in new[] { "http://hub.example/", "https://hub.example:444/", "https://cdn.hub.example/" })
            endpoint.Ask(new Uri(elsewhere)).Authorization.Should().BeNull(elsewhere);
    }

    private static HubEndpoint From(params (string Name, string Value)[] environment) =>
        HubEndpoint.From(name => environment.FirstOrDefault(variable => variable.Name == name).Value);
}
