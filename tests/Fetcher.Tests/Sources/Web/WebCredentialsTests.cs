using System.Text;
using Stevedore.Contract;
using Stevedore.Fetcher.Sources.Web;
using Stevedore.Fetcher.Tests.Transfer.Web;
using Stevedore.HubFixture;

namespace Stevedore.Fetcher.Tests.Sources.Web;

public sealed class WebCredentialsTests : IDisposable
{
    private readonly ModelFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("STEVEDORE_HTTP_HOST=models.example.com", "https://models.example.com/x/", true)]
    [InlineData("STEVEDORE_HTTP_HOST=Models.Example.Com", "http://models.example.com:8080/x/", true)]
    [InlineData("STEVEDORE_HTTP_HOST=models.example.com:8443", "https://models.example.com:8443/x/", true)]
    [InlineData("STEVEDORE_HTTP_HOST=models.example.com:8443", "https://models.example.com/x/", false)]
    [InlineData("STEVEDORE_HTTP_HOST=models.example.com:80", "https://models.example.com/x/", false)]
    [InlineData("STEVEDORE_HTTP_HOST=example.com", "https://models.example.com/x/", false)]
    [InlineData("STEVEDORE_HTTP_HOST=[fd12::1]", "http://[fd12::1]:8080/x/", true)]
    [InlineData("STEVEDORE_HTTP_HOST=[fd12::1]:8081", "http://[fd12::1]:8080/x/", false)]
    public void A_token_is_for_its_host(string host, string address, bool isGiven) =>
        From(host, "STEVEDORE_HTTP_TOKEN=geheim\n").For(new Uri(address)).Should().Be(isGiven ? "Bearer geheim" : null);

    [Fact]
    public void A_user_is_told_in_UTF_8()
    {
        var credentials = From("STEVEDORE_HTTP_HOST=a.org", "STEVEDORE_HTTP_USER=me", "STEVEDORE_HTTP_PASSWORD=gehe:ïm");

        credentials.For(new Uri("https://a.org/x")).Should().Be("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("me:gehe:ïm")));
    }

    [Fact]
    public void The_variables_come_before_the_file_and_the_file_has_other_hosts()
    {
        _folder.Add("netrc", "machine a.org login file password x machine b.org login file password x");
        var credentials = From("STEVEDORE_HTTP_HOST=a.org", "STEVEDORE_HTTP_TOKEN=geheim", "NETRC=" + _folder.PathOf("netrc"));

        credentials.For(new Uri("https://a.org/x")).Should().Be("Bearer geheim");
        credentials.For(new Uri("https://b.org:8443/x")).Should().StartWith("Basic ");
        credentials.For(new Uri("https://c.org/x")).Should().BeNull();
    }

    [Theory]
    [InlineData("STEVEDORE_HTTP_TOKEN=geheim")]
    [InlineData("STEVEDORE_HTTP_USER=geheim")]
    [InlineData("STEVEDORE_HTTP_PASSWORD=geheim", "STEVEDORE_HTTP_HOST=a.org")]
    [InlineData("STEVEDORE_HTTP_TOKEN=geheim", "STEVEDORE_HTTP_USER=me", "STEVEDORE_HTTP_HOST=a.org")]
    [InlineData("STEVEDORE_HTTP_TOKEN=geheim\r\nX-Evil: 1", "STEVEDORE_HTTP_HOST=a.org")]
    [InlineData("STEVEDORE_HTTP_USER=me:geheim", "STEVEDORE_HTTP_HOST=a.org")]
    [InlineData("STEVEDORE_HTTP_TOKEN=geheim", "STEVEDORE_HTTP_HOST=https://a.org")]
    [InlineData("STEVEDORE_HTTP_TOKEN=geheim", "STEVEDORE_HTTP_HOST=a.org/x")]
    [InlineData("STEVEDORE_HTTP_TOKEN=geheim", "STEVEDORE_HTTP_HOST=me@a.org")]
    public void What_can_not_be_meant_is_64_and_not_shown(params string[] variables)
    {
        var failure = FluentActions.Invoking(() => From(variables)).Should().Throw<FetchException>().Which;

        failure.Code.Should().Be(ExitCode.Usage);
        failure.Message.Should().Contain("STEVEDORE_HTTP_").And.NotContain("geheim");
    }

    [Theory]
    [InlineData("token")]
    [InlineData("user")]
    [InlineData("netrc")]
    public async Task A_server_that_wants_a_credential_gets_it_with_every_request(string kind)
    {
        _folder.Add("model/config.json", "{}").Add("netrc", "machine 127.0.0.1 login me password geheim");
        var options = kind == "token" ? new PlainFileOptions { BearerToken = "geheim" } : new PlainFileOptions { BasicUser = "me", BasicPassword = "geheim" };
        await using var server = await PlainFileServer.StartAsync(_folder.PathOf("model"), options, TestContext.Current.CancellationToken);
        using var sources = Sources(kind switch
        {
            "token" => [$"STEVEDORE_HTTP_HOST={server.Endpoint.Authority}", "STEVEDORE_HTTP_TOKEN=geheim"],
            "user" => [$"STEVEDORE_HTTP_HOST={server.Endpoint.Host}", "STEVEDORE_HTTP_USER=me", "STEVEDORE_HTTP_PASSWORD=geheim"],
            _ => ["NETRC=" + _folder.PathOf("netrc")],
        });
        var source = sources.For(server.Endpoint.ToString());

        var manifest = await source.ListAsync();

        (await source.OriginOf(manifest.Version, manifest.Files.Single()).ReadAsync(0, 2)).Should().Equal("{}"u8.ToArray());
        server.Log.Should().OnlyContain(exchange => exchange.HasAuthorization);
    }

    [Theory]
    [InlineData(false, "STEVEDORE_HTTP_HOST=127.0.0.1:")]
    [InlineData(true, "does not accept the credential that is given for 127.0.0.1:")]
    public async Task A_server_that_refuses_is_77_and_the_sentence_knows_whether_a_credential_was_sent(bool hasToken, string sentence)
    {
        await using var server = await PlainFileServer.StartAsync(_folder.Root, new PlainFileOptions { BearerToken = "another" }, TestContext.Current.CancellationToken);
        using var sources = Sources(hasToken ? [$"STEVEDORE_HTTP_HOST={server.Endpoint.Authority}", "STEVEDORE_HTTP_TOKEN=geheim"] : []);

        var failure = (await sources.For(server.Endpoint.ToString()).Awaiting(it => it.ListAsync()).Should().ThrowAsync<FetchException>()).Which;

        failure.Code.Should().Be(ExitCode.NoPermission);
        failure.Message.Should().Contain(sentence).And.NotContain("geheim");
    }

    [Fact]
    public async Task A_host_that_a_redirect_leads_to_gets_none_although_the_file_has_one_for_it()
    {
        _folder.Add("netrc", "machine 127.0.0.1 login me password geheim machine localhost login me password geheim");
        await using var store = RawServer.Saying("HTTP/1.1 401 Unauthorized", "Content-Length: 0", "", "");
        await using var server = RawServer.Saying("HTTP/1.1 302 Found", $"Location: {store.Address("/blob", "localhost")}", "Content-Length: 0", "", "");
        using var sources = Sources(["NETRC=" + _folder.PathOf("netrc")]);

        var failure = (await sources.For(server.Address("/model.gguf").ToString()).Awaiting(it => it.ListAsync()).Should().ThrowAsync<FetchException>()).Which;

        failure.Code.Should().Be(ExitCode.NoPermission);
        failure.Message.Should().Contain("no credential follows a redirect");
        server.Requests.Should().OnlyContain(request => request.Contains("Authorization: Basic"));
        store.Requests.Should().NotBeEmpty().And.NotContain(request => request.Contains("Authorization"));
    }

    private static WebCredentials From(params string[] variables) => WebCredentials.From(Environment(variables).GetValueOrDefault);

    private static SourceSetup Sources(string[] variables) => new(Environment(variables));

    private static Dictionary<string, string> Environment(string[] variables) =>
        variables.Select(text => text.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
}
